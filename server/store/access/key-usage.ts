import type { Db } from '../database/database.ts';

/** How often a key was used since the last time this was written down. */
export interface KeyUse {
  key_id: string;
  requests: number;
  /** The `IHF-SDK` of the last request. */
  sdk: string | undefined;
}

/** Adds to the counts of the hour, and notes when keys were used last: of all keys in one statement. */
export async function writeKeyUses(db: Db, uses: readonly KeyUse[]): Promise<void> {
  await db.query(
    `with used as (
       update api_keys set last_used_at = now() from json_to_recordset($1) as use (key_id uuid, requests bigint, sdk text)
       where id = key_id
       returning id, replaced_by, requests, regexp_match(sdk, '^(typescript|python); revision=(\\d{1,9})$') as sdk
     )
     insert into api_key_usage as known (key_id, hour, requests, superseded, sdk, sdk_revision)
     select id, date_trunc('hour', now()), requests, case when replaced_by is null then 0 else requests end,
       sdk[1], sdk[2]::integer
     from used order by id
     on conflict (key_id, hour) do update set requests = known.requests + excluded.requests,
       superseded = known.superseded + excluded.superseded, sdk = excluded.sdk, sdk_revision = excluded.sdk_revision`,
    [JSON.stringify(uses)],
    'write_key_uses',
  );
}

/** What came with a key in the last 24 hours, begun with a whole hour, and since another took its place. */
export interface KeyTraffic {
  key_id: string;
  day: number;
  /** Since another key took its place; 0 where none did. */
  superseded: number;
  /** What sent the last request, as far as it was one of our SDKs. */
  sdk: string | null;
  sdk_revision: number | null;
  /** The hours in which there were requests, the latest first. */
  hours: { hour: string; requests: number }[];
}

const SINCE = "date_trunc('hour', now() - interval '23 hours')";

/** The traffic of these keys; one that has none is left out. */
export function listKeyTraffic(db: Db, keyIds: readonly string[]): Promise<KeyTraffic[]> {
  return db.query<KeyTraffic>(
    `select key_id, coalesce(sum(requests) filter (where hour >= ${SINCE}), 0)::bigint as day,
       sum(superseded)::bigint as superseded,
       (array_agg(sdk order by hour desc))[1] as sdk, (array_agg(sdk_revision order by hour desc))[1] as sdk_revision,
       coalesce(json_agg(json_build_object('hour', hour, 'requests', requests) order by hour desc)
         filter (where hour >= ${SINCE}), '[]') as hours
     from api_key_usage where key_id = any ($1) group by key_id`,
    [keyIds],
  );
}

/** As long as a rotated key may go on, with a day to spare. */
const DAYS_KEPT = 31;

/** Forgets what is older than anybody asks for. */
export async function deleteExpiredKeyUses(db: Db): Promise<void> {
  await db.query(`delete from api_key_usage where hour < now() - interval '${DAYS_KEPT} days'`);
}
