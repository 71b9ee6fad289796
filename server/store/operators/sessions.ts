import type { Db } from '../database/database.ts';
import { newToken, tokenHash } from './operators.ts';

/** How long a session lasts at the most, and without a visit. */
const LIFETIME = "interval '12 hours'";
const IDLE = "interval '2 hours'";

/** Who a session belongs to. */
export interface SignedIn {
  operator_id: string;
  name: string;
}

/** Begins a session. Its token is in the answer and nowhere else. */
export async function beginSession(db: Db, operatorId: string): Promise<string> {
  const token = newToken();
  await db.query(
    `insert into operator_sessions (token_hash, operator_id, expires_at) values ($1, $2, now() + ${LIFETIME})`,
    [tokenHash(token), operatorId],
  );
  return token;
}

/** Who is signed in by this token. A visit by the operator's own hand (not one of a page that renews itself) is noted. */
export async function findSession(db: Db, token: string, isVisit: boolean): Promise<SignedIn | undefined> {
  const [session] = await db.query<SignedIn & { stale: boolean }>(
    `select operator_id, name, seen_at < now() - interval '1 minute' as stale
     from operator_sessions join operators on operators.id = operator_id
     where token_hash = $1 and expires_at > now() and seen_at > now() - ${IDLE} and disabled_at is null`,
    [tokenHash(token)],
    'find_operator_session',
  );
  if (session?.stale && isVisit) {
    await db.query('update operator_sessions set seen_at = now() where token_hash = $1', [tokenHash(token)]);
  }
  return session && { operator_id: session.operator_id, name: session.name };
}

export async function endSession(db: Db, token: string): Promise<void> {
  await db.query('delete from operator_sessions where token_hash = $1', [tokenHash(token)]);
}

const WINDOW = "interval '1 minute'";

/**
 * Writes an attempt to sign in down before it is judged, so that many at once cannot all be the first, and counts those
 * of the last minute with it.
 */
export async function countAttempt(
  db: Db,
  name: string,
  ipAddress: string,
): Promise<{ id: number; of_name: number; of_ip_address: number }> {
  const [counts] = await db.query<{ id: number; of_name: number; of_ip_address: number }>(
    `with made as (insert into operator_attempts (name, ip_address) values ($1, $2) returning id)
     select (select id from made),
       1 + count(*) filter (where name = $1) as of_name, 1 + count(*) filter (where ip_address = $2) as of_ip_address
     from operator_attempts where (name = $1 or ip_address = $2) and made_at > now() - ${WINDOW}`,
    [name.slice(0, 200), ipAddress],
  );
  return counts as { id: number; of_name: number; of_ip_address: number };
}

/** An attempt that was right slows nobody down. */
export async function forgetAttempt(db: Db, id: number): Promise<void> {
  await db.query('delete from operator_attempts where id = $1', [id]);
}

/** Deletes the sessions and links that are over, and the attempts that count no more. */
export async function deleteExpiredSessions(db: Db): Promise<void> {
  await db.query(`delete from operator_attempts where made_at <= now() - ${WINDOW}`);
  await db.query('delete from operator_invitations where expires_at <= now()');
  await db.query(`delete from operator_sessions where expires_at <= now() or seen_at <= now() - ${IDLE}`);
}
