import type { Db } from '../database/database.ts';

/** The use of a key since the last write. */
export interface KeyUse {
  hub_id: string;
  key_id: string;
  requests: number;
  /** The `IHF-SDK` header of the last request. */
  sdk: string | undefined;
}

/** Adds to the counts of the hour, and sets the time of the last use, for all keys in one statement. */
export async function writeKeyUses(db: Db, uses: readonly KeyUse[]): Promise<void> {
  await db.query(
    `with used as (
       update api_keys set last_used_at = now()
       from json_to_recordset($1) as use (hub_id uuid, key_id uuid, requests bigint, sdk text)
       where api_keys.hub_id = use.hub_id and id = key_id
       returning api_keys.hub_id, id, replaced_by, requests, regexp_match(sdk, '^(typescript|python); revision=(\\d{1,9})$') as sdk
     )
     insert into api_key_usage as known (hub_id, key_id, hour, requests, superseded, sdk, sdk_revision)
     select hub_id, id, date_trunc('hour', now()), requests, case when replaced_by is null then 0 else requests end,
       sdk[1], sdk[2]::integer
     from used order by hub_id, id
     on conflict (hub_id, key_id, hour) do update set requests = known.requests + excluded.requests,
       superseded = known.superseded + excluded.superseded, sdk = excluded.sdk, sdk_revision = excluded.sdk_revision`,
    [JSON.stringify(uses)],
    'write_key_uses',
  );
}

/** The requests with a key in the last 24 hours, from a full hour on, and since another key replaced it. */
export interface KeyTraffic {
  key_id: string;
  day: number;
  /** Since another key replaced it; 0 if none did. */
  superseded: number;
  /** The client of the last request; null if it was not one of our SDKs. */
  sdk: string | null;
  sdk_revision: number | null;
  /** The hours with requests, the latest first. */
  hours: { hour: string; requests: number }[];
}

const SINCE = "date_trunc('hour', now() - interval '23 hours')";

/** The traffic of these keys of a hub; keys without traffic are omitted. */
export function listKeyTraffic(db: Db, hubId: string, keyIds: readonly string[]): Promise<KeyTraffic[]> {
  return db.query<KeyTraffic>(
    `select key_id, coalesce(sum(requests) filter (where hour >= ${SINCE}), 0)::bigint as day,
       sum(superseded)::bigint as superseded,
       (array_agg(sdk order by hour desc))[1] as sdk, (array_agg(sdk_revision order by hour desc))[1] as sdk_revision,
       coalesce(json_agg(json_build_object('hour', ihf_json_time(hour), 'requests', requests) order by hour desc)
         filter (where hour >= ${SINCE}), '[]') as hours
     from api_key_usage where hub_id = $1 and key_id = any ($2) group by key_id`,
    [hubId, keyIds],
  );
}

/** The longest overlap of a rotation, and a day more. */
const DAYS_KEPT = 31;

/** Deletes the counts that no page shows any more. */
export async function deleteExpiredKeyUses(db: Db): Promise<void> {
  await db.query(`delete from api_key_usage where hour < now() - interval '${DAYS_KEPT} days'`);
}
