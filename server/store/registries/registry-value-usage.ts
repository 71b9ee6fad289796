import type { Db } from '../database/database.ts';
import { REGISTRY_USES, type RegistryName } from './registry-values.ts';

/** The uses of a value by one hub in the last 30 days. */
export interface RegistryValueUse {
  hub: string;
  uses: number;
  last_used_at: string;
}

export interface RegistryValueUsage {
  hubs: RegistryValueUse[];
  /** False if only the latest uses of a hub were counted. */
  isWhole: boolean;
}

/** Maximum number of uses of one hub that are counted: this many take a few milliseconds. */
const SCAN_LIMIT = 10_000;

/** The hubs that used a value in the last 30 days, by the number of uses. */
export async function findRegistryValueUsage(
  db: Db,
  registry: RegistryName,
  name: string,
): Promise<RegistryValueUsage> {
  const { table, column } = REGISTRY_USES[registry];
  const hubs = await db.query<RegistryValueUse>(
    `select slug as hub, count(*) as uses, ihf_uuidv7_time(max(recent.id::text)::uuid) as last_used_at
     from hubs cross join lateral (select id from ${table}
       where hub_id = hubs.id and ${column} = $1 and id >= ihf_uuidv7_floor(now() - interval '30 days')
       order by id desc limit ${SCAN_LIMIT}) as recent
     group by slug order by uses desc, slug`,
    [name],
  );
  return { hubs, isWhole: hubs.every(({ uses }) => uses < SCAN_LIMIT) };
}
