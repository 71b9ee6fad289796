import type { Db } from '../database/database.ts';

export interface QuotaUsage {
  consumer_id: string;
  used: number;
  quota: number;
}

/** What each consumer has used of its quota today (UTC). */
export function listQuotaUsage(db: Db, defaultQuota: number): Promise<QuotaUsage[]> {
  return db.query<QuotaUsage>(
    `select consumer_id, day_count as used, coalesce(daily_quota, $1) as quota
     from consumer_usage join api_consumers on id = consumer_id
     where day = date_trunc('day', now() at time zone 'utc') at time zone 'utc'`,
    [defaultQuota],
  );
}
