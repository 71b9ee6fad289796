import type { Db } from '../database/database.ts';
import { listRegistryColumns, type RegistryName } from '../registries/registries.ts';

/** A field of subscriptions that restricts their messages to one value of a registry. */
export interface SubscriptionFilter {
  field: string;
  registry: RegistryName;
}

/** The filters of subscriptions: `ihf_add_webhook_filter` of the migrations adds one. */
export async function listSubscriptionFilters(db: Db): Promise<SubscriptionFilter[]> {
  const columns = await listRegistryColumns(db, { table: 'webhook_subscriptions' });
  return columns.map(({ column, registry }) => ({ field: column, registry }));
}
