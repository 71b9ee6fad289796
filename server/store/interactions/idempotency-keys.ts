import type { Db } from '../database/database.ts';

/** The stored response to a request with an Idempotency-Key. */
export interface StoredResponse {
  /** SHA-256 of the method, the path and the body. */
  fingerprint: Buffer;
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** The first key of the advisory lock; the second is the hash of the idempotency key. */
const LOCK_SPACE = 0x1d3b;

/**
 * Locks the key for this transaction. False while another transaction holds it. A crash leaves no lock behind, because
 * the lock ends with its transaction.
 */
export async function lockKey(db: Db, hubId: string, consumerId: string, key: string): Promise<boolean> {
  const [row] = await db.query<{ locked: boolean }>('select pg_try_advisory_xact_lock($1, hashtext($2)) as locked', [
    LOCK_SPACE,
    `${hubId} ${consumerId} ${key}`,
  ]);
  return row?.locked ?? false;
}

export async function findStoredResponse(
  db: Db,
  hubId: string,
  consumerId: string,
  key: string,
): Promise<StoredResponse | undefined> {
  const [response] = await db.query<StoredResponse>(
    `select fingerprint, status, headers, body from idempotency_keys
     where hub_id = $1 and consumer_id = $2 and key = $3 and created_at > now() - interval '24 hours'`,
    [hubId, consumerId, key],
  );
  return response;
}

export async function storeResponse(
  db: Db,
  hubId: string,
  consumerId: string,
  key: string,
  response: StoredResponse,
): Promise<void> {
  // A key older than a day can be used again, also before its row is deleted.
  await db.query(
    `insert into idempotency_keys (hub_id, consumer_id, key, fingerprint, status, headers, body)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (hub_id, consumer_id, key) do update set fingerprint = excluded.fingerprint, status = excluded.status,
       headers = excluded.headers, body = excluded.body, created_at = now()`,
    [hubId, consumerId, key, response.fingerprint, response.status, response.headers, response.body],
  );
}

/** Deletes the responses older than a day. */
export async function deleteExpiredResponses(db: Db): Promise<void> {
  await db.query("delete from idempotency_keys where created_at <= now() - interval '24 hours'");
}
