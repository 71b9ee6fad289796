import type { Db } from '../database/database.ts';
import { listRegistryColumns, quoted, type RegistryColumn, type RegistryName } from './registries.ts';

/** The uses of a value by one hub in the last 30 days. */
export interface RegistryValueUse {
  hub: string;
  uses: number;
  last_used_at: string;
}

/** The uses of a value in one column. */
export interface RegistryValueUsage {
  table: string;
  column: string;
  hubs: RegistryValueUse[];
  /** False if only the latest uses of a hub were counted. */
  isWhole: boolean;
}

/** Maximum number of uses of one hub that are counted: this many take a few milliseconds. */
const SCAN_LIMIT = 10_000;

/** For each column that uses the registry: the hubs that used a value in the last 30 days, by the number of uses. */
export async function findRegistryValueUsage(
  db: Db,
  registry: RegistryName,
  name: string,
): Promise<RegistryValueUsage[]> {
  const columns = (await listRegistryColumns(db, { registry })).filter(({ counts_uses }) => counts_uses);
  return Promise.all(columns.map((column) => findColumnUsage(db, column, name)));
}

async function findColumnUsage(db: Db, { table, column }: RegistryColumn, name: string): Promise<RegistryValueUsage> {
  const hubs = await db.query<RegistryValueUse>(
    `select slug as hub, count(*) as uses, ihf_uuidv7_time(max(recent.id::text)::uuid) as last_used_at
     from hubs cross join lateral (select id from ${quoted(table)}
       where hub_id = hubs.id and ${quoted(column)} = $1 and id >= ihf_uuidv7_floor(now() - interval '30 days')
       order by id desc limit ${SCAN_LIMIT}) as recent
     group by slug order by uses desc, slug`,
    [name],
  );
  return { table, column, hubs, isWhole: hubs.every(({ uses }) => uses < SCAN_LIMIT) };
}
