import type { Db } from '../database/database.ts';

export interface QuotaUsage {
  consumer_id: string;
  used: number;
  quota: number;
}

/** The part of its daily quota (UTC) that each consumer has used today. */
export function listQuotaUsage(db: Db, defaultQuota: number): Promise<QuotaUsage[]> {
  return db.query<QuotaUsage>(
    `select consumer_id, day_count as used, coalesce(daily_quota, $1) as quota
     from consumer_usage as used
     join api_consumers as consumer on consumer.hub_id = used.hub_id and consumer.id = consumer_id
     where day = date_trunc('day', now() at time zone 'utc') at time zone 'utc'`,
    [defaultQuota],
  );
}
