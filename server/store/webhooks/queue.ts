import type { Db } from '../database/database.ts';

/** A row of the queue that this worker has leased, with all that its delivery needs. */
export interface ClaimedMessage {
  subscription_id: string;
  message_id: string;
  /** The number of this attempt since the message was queued, from 1. */
  attempt: number;
  topic: string;
  /** JSON, as it was written when it happened. */
  data: string;
  created_at: string;
  url: string;
  keys: Buffer;
  /** Those that are being rotated out, while receivers may still have them. */
  previous_keys: Buffer | null;
}

/** Leases at most `room` rows that are due, in turn among the subscriptions, within what each of them allows. */
export function claimMessages(db: Db, worker: number, room: number, leaseSeconds: number): Promise<ClaimedMessage[]> {
  return db.query<ClaimedMessage>(
    'select * from ihf_claim_webhooks($1, $2, $3)',
    [worker, room, leaseSeconds],
    'claim_webhooks',
  );
}

/** One attempt, and what is to become of the row. */
export interface FinishedAttempt {
  worker: number;
  subscription_id: string;
  message_id: string;
  attempt: number;
  duration_ms: number;
  status_code: number | null;
  /** Null where it succeeded. */
  error: string | null;
  response: string;
  /** Where it went. */
  url: string;
  request_headers: Readonly<Record<string, string>>;
  response_headers: Readonly<Record<string, string>>;
  /** When to try again; null takes the row out of the queue. */
  retry_ms: number | null;
  /** The endpoint is gone for good: the subscription ends. */
  gone: boolean;
}

/** Writes the attempts, gives the rows back or takes them out, and frees their lanes: in one statement for all. */
export async function finishAttempts(db: Db, attempts: readonly FinishedAttempt[]): Promise<void> {
  await db.query('select ihf_finish_webhooks($1)', [JSON.stringify(attempts)], 'finish_webhooks');
}

/** Takes their rows from workers whose session is gone. How many there were. */
export async function freeMessages(db: Db): Promise<number> {
  const [row] = await db.query<{ freed: number }>('select ihf_free_webhooks() as freed', [], 'free_webhooks');
  return row?.freed ?? 0;
}

/** The milliseconds until a claim will find something; undefined where nothing waits. */
export async function nextClaim(db: Db): Promise<number | undefined> {
  const [row] = await db.query<{ ms: number | null }>('select ihf_next_webhook() as ms', [], 'next_webhook');
  return row?.ms ?? undefined;
}

/** Whether any subscription waits for messages. */
export async function hasSubscriptions(db: Db): Promise<boolean> {
  const rows = await db.query("select from webhook_subscriptions where status = 'active' limit 1", [], 'any_listener');
  return rows.length > 0;
}

export const QUEUE_CHANNEL = 'ihf_webhooks';

/** Wakes the workers of every node. It takes a lock at its commit, and so never runs in another's transaction. */
export async function notifyWorkers(db: Db): Promise<void> {
  await db.query('select pg_notify($1, $2)', [QUEUE_CHANNEL, ''], 'announce_queue');
}

/** The statements by which a session becomes a worker's: its number, and the lock that says the worker lives. */
export const LOCK_WORKER_NUMBER = `
  select number, pg_advisory_lock(ihf_webhook_lock_space(), number)
  from (select nextval('webhook_workers')::integer as number) as taken`;

const DAYS_AHEAD = 3;
/** How long messages and attempts are kept, and so how far back a recovery reaches. */
const DAYS_KEPT = 30;

/** Makes the partitions of the coming days and drops those that are too old. */
export async function rotateWebhookPartitions(db: Db): Promise<void> {
  await db.query('select ihf_turn_webhook_partitions($1, $2)', [DAYS_AHEAD, DAYS_KEPT]);
}
