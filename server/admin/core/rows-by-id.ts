import { type ApiKey, findKey } from '../../store/access/api-keys.ts';
import { type Consumer, findConsumer } from '../../store/access/consumers.ts';
import { findManifest, type Manifest } from '../../store/access/manifests.ts';
import type { Db } from '../../store/database/database.ts';
import { findHubIdOf, type OperatorNamedTable } from '../../store/operators/hub-lookup.ts';
import { findSubscription, type Subscription } from '../../store/webhooks/subscriptions.ts';
import { notFound } from './lookups.ts';

// A page of the dashboard names a row by its id alone. Each function finds the hub of the row first.

/** @throws IhfError not_found */
export function consumerById(db: Db, id: string): Promise<Consumer> {
  return rowById(db, 'api_consumers', id, findConsumer, 'consumer');
}

/** @throws IhfError not_found */
export function keyById(db: Db, id: string): Promise<ApiKey> {
  return rowById(db, 'api_keys', id, findKey, 'key');
}

/** @throws IhfError not_found */
export function manifestById(db: Db, id: string): Promise<Manifest> {
  return rowById(db, 'hub_capability_manifests', id, findManifest, 'manifest');
}

/** @throws IhfError not_found */
export function subscriptionById(db: Db, id: string): Promise<Subscription> {
  return rowById(db, 'webhook_subscriptions', id, findSubscription, 'subscription');
}

async function rowById<Row>(
  db: Db,
  table: OperatorNamedTable,
  id: string,
  find: (db: Db, hubId: string, id: string) => Promise<Row | undefined>,
  what: string,
): Promise<Row> {
  const hubId = await findHubIdOf(db, table, id);
  const row = hubId === undefined ? undefined : await find(db, hubId, id);
  if (row === undefined) throw notFound(what);
  return row;
}
