import type { Db } from '../database/database.ts';

/** The stored answer of a creation. */
export interface StoredResponse {
  /** SHA-256 of what makes two requests the same. */
  fingerprint: Buffer;
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Two keys of the advisory lock space: this one is ours, the other is the idempotency key's hash. */
const LOCK_SPACE = 0x1d3b;

/**
 * Takes the key for this transaction. False while another transaction has it. A crash leaves nothing taken, since the
 * lock goes with its transaction.
 */
export async function lockKey(db: Db, consumerId: string, key: string): Promise<boolean> {
  const [row] = await db.query<{ taken: boolean }>('select pg_try_advisory_xact_lock($1, hashtext($2)) as taken', [
    LOCK_SPACE,
    `${consumerId} ${key}`,
  ]);
  return row?.taken ?? false;
}

export async function findStoredResponse(db: Db, consumerId: string, key: string): Promise<StoredResponse | undefined> {
  const [answer] = await db.query<StoredResponse>(
    `select fingerprint, status, headers, body from idempotency_keys
     where consumer_id = $1 and key = $2 and created_at > now() - interval '24 hours'`,
    [consumerId, key],
  );
  return answer;
}

export async function storeResponse(db: Db, consumerId: string, key: string, answer: StoredResponse): Promise<void> {
  // A key that is older than a day may be used anew, also before it is swept away.
  await db.query('delete from idempotency_keys where consumer_id = $1 and key = $2', [consumerId, key]);
  await db.query(
    'insert into idempotency_keys (consumer_id, key, fingerprint, status, headers, body) values ($1, $2, $3, $4, $5, $6)',
    [consumerId, key, answer.fingerprint, answer.status, answer.headers, answer.body],
  );
}

/** Deletes the answers that are older than a day. */
export async function deleteExpiredResponses(db: Db): Promise<void> {
  await db.query("delete from idempotency_keys where created_at <= now() - interval '24 hours'");
}
