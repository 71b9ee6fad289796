import type { Db } from './database.ts';

/** A hub that runs for so long without a restart or an hour's housekeeping would run out of partitions. */
const MONTHS_AHEAD = 3;

/** Makes the partitions of the coming months, as far as they are missing. */
export async function ensurePartitions(db: Db): Promise<void> {
  await db.query('select ihf_ensure_partitions($1)', [MONTHS_AHEAD]);
}
