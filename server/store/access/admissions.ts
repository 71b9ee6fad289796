import type { Db } from '../database/database.ts';
import { IDENTITIES, type Identity } from './identities.ts';

/** The limits of a consumer that has none of its own. */
export const DEFAULT_RATE_PER_MINUTE = 6_000;
export const DEFAULT_DAILY_QUOTA = 1_000_000;

/** Notified when a consumer's limits change. */
export const LIMITS_CHANNEL = 'ihf_limits';

/** What is left of a consumer's limits, by the database's clock. */
export interface Usage {
  rate: number;
  quota: number;
  minute_left: number;
  minute_ends_ms: number;
  day_left: number;
  day_ends_ms: number;
}

export interface Admission {
  identity: Identity;
  /** Whether the request fits the consumer's limits; it is counted if it does. */
  admitted: boolean;
  /** Undefined if the credential is invalid: then nothing is counted. */
  usage: Usage | undefined;
}

type Row = Identity & Usage & { hash: string; admitted: number | null };

// Counted in the order of the consumers' ids, so that two statements cannot deadlock.
const ADMIT = `
  with ${IDENTITIES},
  presented as (select hash, count(*)::int as requests from unnest($1::bytea[] || $2::bytea[]) as hash group by hash),
  caller as (select * from identity join presented using (hash) order by consumer_id)
  select encode(hash, 'base64') as hash, consumer_id, hub_id, credential_id, credential, key_prefix,
    invalid_reason, granted, manifest_id, manifest_status, declared,
    rate, quota, admitted, minute_left, minute_ends_ms, day_left, day_ends_ms
  from caller left join lateral (
    select rate, quota, counted.*
    from (select coalesce(rate_per_minute, $3) as rate, coalesce(daily_quota, $4) as quota) as limits,
      ihf_admit(hub_id, consumer_id, requests, requests, rate, quota) as counted
    where invalid_reason is null
  ) as usage on true`;

export interface PresentedCredential {
  kind: 'key' | 'token';
  hash: Buffer;
}

/**
 * Identifies the callers of these requests and counts the requests against their limits, all in one statement: exact
 * across nodes, and current to the last revocation. Undefined for an unknown credential.
 */
export async function admit(db: Db, presented: readonly PresentedCredential[]): Promise<(Admission | undefined)[]> {
  const hashes = (kind: PresentedCredential['kind']) =>
    presented.filter((one) => one.kind === kind).map(({ hash }) => hash);
  const values = [hashes('key'), hashes('token'), DEFAULT_RATE_PER_MINUTE, DEFAULT_DAILY_QUOTA];
  const rows = await db.query<Row>(ADMIT, values, 'admit');
  // A credential's requests are admitted in the order in which they came.
  const admissions = new Map(rows.map((row) => [row.hash, { row, left: row.admitted ?? 0 }]));
  return presented.map(({ hash }) => {
    const admission = admissions.get(hash.toString('base64'));
    if (!admission) return undefined;
    const { row } = admission;
    return { identity: row, admitted: admission.left-- > 0, usage: row.admitted === null ? undefined : row };
  });
}

/**
 * Counts the further items of an admitted request against the daily quota: all of them or none.
 * @returns whether they fit.
 */
export async function admitItems(
  db: Db,
  { hub_id, consumer_id }: Identity,
  usage: Usage,
  items: number,
): Promise<boolean> {
  const [row] = await db.query<{ admitted: number }>('select admitted from ihf_admit($1, $2, 0, $3, $4, $5)', [
    ...[hub_id, consumer_id, items, usage.rate, usage.quota],
  ]);
  return row !== undefined && row.admitted > 0;
}
