import type { Db } from '../database/database.ts';

/** Deliveries that are in flight together, under the number of one worker. */
export interface Lease {
  worker: number;
  /** A 64-bit number. No other lease has it. */
  id: string;
}

/** A delivery that this worker has leased, with all that it needs to send it. */
export interface ClaimedMessage {
  lease_id: string;
  hub_id: string;
  subscription_id: string;
  message_id: string;
  /** The number of this attempt since the message was queued, from 1. */
  attempt: number;
  topic: string;
  /** The JSON of the message. */
  data: string;
  created_at: string;
  url: string;
  keys: Buffer;
  /** The keys before a rotation, until its overlap has passed. */
  previous_keys: Buffer | null;
  /** First in, first out per widget. */
  ordered: boolean;
  /** The time of the database at which the row was read, in milliseconds. */
  leased_at: number;
}

/** The SQLSTATE of a claim whose worker no longer holds its number. */
export const WORKER_SESSION_ENDED = 'IH004';

/**
 * Leases at most `max` deliveries that are due, by turns among the subscriptions, within the limits of each.
 * @throws with the code WORKER_SESSION_ENDED.
 */
export function claimMessages(db: Db, lease: Lease, max: number, leaseSeconds: number): Promise<ClaimedMessage[]> {
  return db.query<ClaimedMessage>(
    'select * from ihf_claim_deliveries($1, $2, $3, $4)',
    [lease.worker, lease.id, max, leaseSeconds],
    'claim_webhooks',
  );
}

/**
 * The deliveries that were leased when they were queued; whether others of these hubs are due, and whether a claim could
 * lease one of them now.
 */
export async function collectLease(
  db: Db,
  lease: Lease,
  hubIds: readonly string[],
): Promise<{ messages: ClaimedMessage[]; isDue: boolean; isClaimable: boolean }> {
  const rows = await db.query<ClaimedMessage & { is_due: boolean; is_claimable: boolean }>(
    `select next.*, leased.*
     from (select
       exists (select from webhook_queue where hub_id = any ($2) and leased_by is null and due_at <= now()) as is_due,
       exists (select from webhook_next_claims where hub_id = any ($2) and claimable_at <= now()) as is_claimable) as next
     left join ihf_leased_deliveries($1, $2) as leased on true`,
    [lease.id, hubIds],
    'collect_webhooks',
  );
  const { is_due: isDue = false, is_claimable: isClaimable = false } = rows[0] ?? {};
  return { messages: rows.filter((row) => row.lease_id !== null), isDue, isClaimable };
}

type LeasedDelivery = Pick<ClaimedMessage, 'lease_id' | 'hub_id' | 'subscription_id' | 'message_id'>;

/**
 * Continues the leases of an ended session under the number of the next one. Returns those that it could continue; the
 * others have ended, and another worker may have leased the delivery.
 */
export function adoptLeases(
  db: Db,
  worker: number,
  deliveries: readonly LeasedDelivery[],
  leaseSeconds: number,
): Promise<Omit<LeasedDelivery, 'hub_id'>[]> {
  const keys = deliveries.map(({ lease_id, hub_id, subscription_id, message_id }) => ({
    ...{ lease_id, hub_id, subscription_id, message_id },
  }));
  return db.query('select * from ihf_adopt_leases($1, $2, $3)', [worker, JSON.stringify(keys), leaseSeconds]);
}

/** One attempt, and what to do with the delivery next. */
export interface FinishedAttempt {
  lease_id: string;
  hub_id: string;
  subscription_id: string;
  message_id: string;
  attempt: number;
  duration_ms: number;
  status_code: number | null;
  /** Null if it succeeded. */
  error: string | null;
  response: string;
  /** The URL of the request. */
  url: string;
  request_headers: Readonly<Record<string, string>>;
  response_headers: Readonly<Record<string, string>>;
  /** False if the attempt failed before its request, by no fault of the endpoint: it does not count. */
  sent: boolean;
  /** Whether the record was sent to the database before, and the result is not known. */
  rewritten?: boolean;
  /** The delay before the next attempt; null removes the delivery from the queue. */
  retry_ms: number | null;
  /** The endpoint returned 410: the subscription ends. */
  gone: boolean;
}

/**
 * Stores the attempts, and returns their deliveries to the queue or removes them: all in one statement. Returns the
 * milliseconds until the next delivery of the same hubs can be claimed; undefined if none is waiting.
 */
export async function finishAttempts(db: Db, attempts: readonly FinishedAttempt[]): Promise<number | undefined> {
  const [row] = await db.query<{ ms: number | null }>(
    'select ihf_finish_deliveries($1) as ms',
    [JSON.stringify(attempts)],
    'finish_webhooks',
  );
  return row?.ms ?? undefined;
}

/** How long a worker whose session has ended may continue its attempts before other workers take them over. */
const GRACE_SECONDS = 2;

/**
 * Ends expired leases, and those of workers whose session has ended. Returns how many, and whether the session of this
 * worker still holds its number.
 */
export async function releaseLeases(db: Db, worker: number): Promise<{ released: number; isRunning: boolean }> {
  const [row] = await db.query<{ released: number; is_running: boolean }>(
    'select ihf_release_leases($1) as released, ihf_worker_is_running($2) as is_running',
    [GRACE_SECONDS, worker],
    'free_webhooks',
  );
  return { released: row?.released ?? 0, isRunning: row?.is_running ?? true };
}

/** The milliseconds until a claim can lease a delivery; undefined while none is waiting for its time. */
export async function msUntilNextClaim(db: Db): Promise<number | undefined> {
  const [row] = await db.query<{ ms: number | null }>('select ihf_ms_until_next_delivery() as ms', [], 'next_webhook');
  return row?.ms ?? undefined;
}

/** Whether there is any active subscription. */
export async function hasSubscriptions(db: Db): Promise<boolean> {
  const rows = await db.query("select from webhook_subscriptions where status = 'active' limit 1", [], 'any_listener');
  return rows.length > 0;
}

export const QUEUE_CHANNEL = 'ihf_webhooks';

/** Wakes the workers of all nodes. NOTIFY takes a lock at the commit: never run it in a business transaction. */
export async function notifyWorkers(db: Db): Promise<void> {
  await db.query('select pg_notify($1, $2)', [QUEUE_CHANNEL, ''], 'announce_queue');
}

/** Gives a worker's session a number, and the lock that shows that the worker is running. */
export const LOCK_WORKER_NUMBER = `
  select number, pg_advisory_lock(ihf_worker_lock_space(), number)
  from (select nextval('webhook_workers')::integer as number) as taken`;

/** How long messages and attempts are stored, and so how far back a recovery can go. */
export const WEBHOOK_DAYS_KEPT = 30;

/** Makes deliveries due that are postponed for longer than the longest delay: the clock was set back. */
export async function advancePostponedDeliveries(db: Db): Promise<void> {
  await db.query(
    "update webhook_queue set due_at = now() where due_at > now() + interval '2 days' and due_at < 'infinity' and leased_by is null",
  );
}

/** Deletes queued deliveries whose messages are no longer stored. */
export async function deleteExpiredDeliveries(db: Db): Promise<void> {
  await db.query(
    "delete from webhook_queue where message_id < ihf_uuidv7_floor(date_trunc('day', now()) - make_interval(days => $1))",
    [WEBHOOK_DAYS_KEPT],
  );
}
