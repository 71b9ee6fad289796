import type { Db } from './database.ts';

/** A node that ran this long without maintenance would run out of partitions. */
const MONTHS_AHEAD = 3;

/** Creates the missing partitions of the coming months. */
export async function createEventPartitions(db: Db): Promise<void> {
  await db.query('select ihf_create_event_partitions($1)', [MONTHS_AHEAD]);
}
