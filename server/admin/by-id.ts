import { type ApiKey, findKey } from '../store/access/api-keys.ts';
import { type Consumer, findConsumer } from '../store/access/consumers.ts';
import { findManifest, type Manifest } from '../store/access/manifests.ts';
import type { Db } from '../store/database/database.ts';
import { findHubIdOf, type OperatorNamedTable } from '../store/operators/hub-lookup.ts';
import { findSubscription, type Subscription } from '../store/webhooks/subscriptions.ts';
import { found } from './page.ts';

/** The rows that the URL of a page names by their id alone. @throws IhfError not_found */

export async function consumerById(db: Db, id: string): Promise<Consumer> {
  return find(db, 'api_consumers', id, findConsumer, 'consumer');
}

export async function keyById(db: Db, id: string): Promise<ApiKey> {
  return find(db, 'api_keys', id, findKey, 'key');
}

export async function manifestById(db: Db, id: string): Promise<Manifest> {
  return find(db, 'hub_capability_manifests', id, findManifest, 'manifest');
}

export async function subscriptionById(db: Db, id: string): Promise<Subscription> {
  return find(db, 'webhook_subscriptions', id, findSubscription, 'subscription');
}

async function find<Row>(
  db: Db,
  table: OperatorNamedTable,
  id: string,
  read: (db: Db, hubId: string, id: string) => Promise<Row | undefined>,
  what: string,
): Promise<Row> {
  const hubId = await findHubIdOf(db, table, id);
  return found(hubId === undefined ? undefined : await read(db, hubId, id), what);
}
