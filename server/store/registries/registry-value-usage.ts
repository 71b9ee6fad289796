import type { Db } from '../database/database.ts';
import type { RegistryName } from './registry-values.ts';

/** How a hub used a word in the last 30 days. */
export interface RegistryValueUse {
  hub: string;
  uses: number;
  last_used_at: string;
}

export interface RegistryValueUsage {
  hubs: RegistryValueUse[];
  /** False where a word is used so much that only the latest uses were looked at. */
  isWhole: boolean;
}

/** Where the words of a registry are used, and in which column. */
const PLACES: Record<RegistryName, { table: string; column: string }> = {
  annotation_categories: { table: 'annotations', column: 'category' },
  event_types: { table: 'interaction_events', column: 'event_type' },
  widget_types: { table: 'widgets', column: 'widget_type' },
};

/** So many uses are counted in a few milliseconds, however many there are. */
const LOOKED_AT = 10_000;

/** Which hubs stored something new under this word in the last 30 days, the busiest first. */
export async function findRegistryValueUsage(
  db: Db,
  registry: RegistryName,
  name: string,
): Promise<RegistryValueUsage> {
  const { table, column } = PLACES[registry];
  const hubs = await db.query<RegistryValueUse>(
    `select slug as hub, count(*) as uses, max(ihf_uuidv7_time(recent.id)) as last_used_at
     from (select id, hub_id from ${table}
       where ${column} = $1 and id >= ihf_uuidv7_floor(now() - interval '30 days')
       order by id desc limit ${LOOKED_AT}) as recent
     join hubs on hubs.id = hub_id
     group by slug order by uses desc, slug`,
    [name],
  );
  return { hubs, isWhole: hubs.reduce((sum, { uses }) => sum + uses, 0) < LOOKED_AT };
}
