import type { Db } from './database.ts';

/** The time of the database. */
export async function readClock(db: Db): Promise<Date> {
  const [row] = await db.query<{ ms: number }>('select extract(epoch from clock_timestamp())::float8 * 1000 as ms');
  return new Date(row?.ms ?? Number.NaN);
}
