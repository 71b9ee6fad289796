import type { Db } from '../database/database.ts';

/** The tables whose rows an operator names by their id alone. Each has an index on it. */
export type OperatorNamedTable = 'api_consumers' | 'api_keys' | 'hub_capability_manifests' | 'webhook_subscriptions';

/**
 * The hub of a row that an operator names by its id alone, at the command line or in the URL of a page. Everything that
 * follows then names the hub: this is the only lookup of a hub's data by id in all hubs.
 */
export async function findHubIdOf(db: Db, table: OperatorNamedTable, id: string): Promise<string | undefined> {
  const [row] = await db.query<{ hub_id: string }>(`select hub_id from ${table} where id = $1`, [id]);
  return row?.hub_id;
}
