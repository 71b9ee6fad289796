import type { Db } from '../database/database.ts';

/** The maximum lifetime of a session, in total and without a request. */
const LIFETIME = "interval '12 hours'";
const IDLE = "interval '2 hours'";

/** The operator of a session. */
export interface SignedIn {
  operator_id: string;
  name: string;
}

export async function insertSession(db: Db, operatorId: string, tokenHash: Buffer): Promise<void> {
  await db.query(
    `insert into operator_sessions (token_hash, operator_id, expires_at) values ($1, $2, now() + ${LIFETIME})`,
    [tokenHash, operatorId],
  );
}

/** The operator of a session. A request by the operator (not the refresh of an open page) extends the session. */
export async function findSession(db: Db, tokenHash: Buffer, isVisit: boolean): Promise<SignedIn | undefined> {
  const [session] = await db.query<SignedIn>(
    `with session as (
       select token_hash, operator_id, name, seen_at
       from operator_sessions join operators on operators.id = operator_id
       where token_hash = $1 and expires_at > now() and seen_at > now() - ${IDLE} and disabled_at is null
     ), extended as (
       update operator_sessions set seen_at = now() from session
       where $2 and operator_sessions.token_hash = session.token_hash
         and session.seen_at < now() - interval '1 minute'
     )
     select operator_id, name from session`,
    [tokenHash, isVisit],
    'find_operator_session',
  );
  return session;
}

export async function endSession(db: Db, tokenHash: Buffer): Promise<void> {
  await db.query('delete from operator_sessions where token_hash = $1', [tokenHash]);
}

/** A session in the list of its operator. */
export interface Session {
  id: string;
  created_at: string;
  /** The last request, to the minute. */
  seen_at: string;
  expires_at: string;
  /** Whether it is the session with the given token. */
  is_current: boolean;
}

/** The sessions of an operator that have not expired; the newest first. */
export function listSessions(db: Db, operatorId: string, tokenHash: Buffer): Promise<Session[]> {
  return db.query<Session>(
    `select id, created_at, seen_at, least(expires_at, seen_at + ${IDLE}) as expires_at, token_hash = $2 as is_current
     from operator_sessions
     where operator_id = $1 and expires_at > now() and seen_at > now() - ${IDLE} order by id desc`,
    [operatorId, tokenHash],
  );
}

/** Ends one session of an operator, or all. Returns the ids of the ended sessions. */
export async function endSessionsOf(db: Db, operatorId: string, id?: string): Promise<string[]> {
  const ended = await db.query<{ id: string }>(
    'delete from operator_sessions where operator_id = $1 and id = coalesce($2, id) returning id',
    [operatorId, id ?? null],
  );
  return ended.map((session) => session.id);
}

const WINDOW = "interval '1 minute'";

/** Maximum number of attempts per minute from one IP address. */
export interface AttemptLimits {
  /** With one name. */
  perName: number;
  total: number;
}

/**
 * Stores a sign-in attempt unless the IP address has reached a limit.
 * @returns its id; undefined if it must be rejected. A rejected attempt is not stored: it would prolong the rejection.
 */
export async function beginAttempt(
  db: Db,
  name: string,
  ipAddress: string,
  { perName, total }: AttemptLimits,
): Promise<number | undefined> {
  const [attempt] = await db.query<{ id: number }>(
    `with recent as (
       select count(*) filter (where name = $1) as with_name, count(*) as total
       from operator_attempts where ip_address = $2 and made_at between now() - ${WINDOW} and now() + ${WINDOW}
     )
     insert into operator_attempts (name, ip_address)
     select $1, $2 from recent where with_name < $3 and total < $4 returning id`,
    [name.slice(0, 200), ipAddress, perName, total],
  );
  return attempt?.id;
}

/** Deletes an attempt that succeeded or was not checked, so that it does not count. */
export async function forgetAttempt(db: Db, id: number): Promise<void> {
  await db.query('delete from operator_attempts where id = $1', [id]);
}

/** Deletes expired sessions and links, and attempts that no longer count. */
export async function deleteExpiredSessions(db: Db): Promise<void> {
  await db.query(
    `with attempts as (delete from operator_attempts where made_at <= now() - ${WINDOW}),
       links as (delete from operator_invitations where expires_at <= now())
     delete from operator_sessions where expires_at <= now() or seen_at <= now() - ${IDLE}`,
  );
}
