import { createHash, randomBytes } from 'node:crypto';
import { asActor } from '../database/actor.ts';
import type { Db } from '../database/database.ts';

/** Somebody who runs the hub by its dashboard. */
export interface Operator {
  id: string;
  name: string;
  created_at: string;
  /** Null until a password was chosen. */
  password_set_at: string | null;
  disabled_at: string | null;
}

const COLUMNS = 'id, name, created_at, password_set_at, disabled_at';

/** How long a one-time link is good for. */
const LINK_LIFETIME = "interval '24 hours'";

/** 256 bits of the system's generator, for a link or a session. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** SHA-256 of a token, as it is stored. */
export function tokenHash(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

export function listOperators(db: Db): Promise<Operator[]> {
  return db.query<Operator>(`select ${COLUMNS} from operators order by id`);
}

/**
 * The token of a one-time link by which the operator with this name, who is made if there is none, chooses a password.
 * Links from before end.
 */
export function inviteOperator(database: Db, name: string, actor: string): Promise<string> {
  const token = newToken();
  return asActor(database, actor, async (db) => {
    await db.query('insert into operators (name) values ($1) on conflict (name) do nothing', [name]);
    await db.query(
      `delete from operator_invitations using operators where operator_id = operators.id and name = $1 or expires_at <= now()`,
      [name],
    );
    await db.query(
      `insert into operator_invitations (token_hash, operator_id, expires_at)
       select $2, id, now() + ${LINK_LIFETIME} from operators where name = $1`,
      [name, tokenHash(token)],
    );
    return token;
  });
}

/** Whom a link is for, as long as it is good. */
export async function findInvited(db: Db, token: string): Promise<Operator | undefined> {
  const [operator] = await db.query<Operator>(
    `select ${COLUMNS} from operator_invitations join operators on operators.id = operator_id
     where token_hash = $1 and expires_at > now() and disabled_at is null`,
    [tokenHash(token)],
  );
  return operator;
}

/** Uses up a link: sets the password, and ends the sessions that the operator had. Undefined if it is no good. */
export function joinByLink(database: Db, token: string, passwordHash: string): Promise<Operator | undefined> {
  return database.transaction(async (db) => {
    const invited = await findInvited(db, token);
    if (!invited) return undefined;
    const used = await db.query('delete from operator_invitations where token_hash = $1 returning 1', [
      tokenHash(token),
    ]);
    // Another visit of the same link was faster.
    if (used.length === 0) return undefined;
    await db.query("select set_config('ihf.actor', $1, true)", [`operator:${invited.name}`]);
    await db.query('update operators set password_hash = $2, password_set_at = now() where id = $1', [
      invited.id,
      passwordHash,
    ]);
    await db.query('delete from operator_sessions where operator_id = $1', [invited.id]);
    return invited;
  });
}

/** The operator with this name and the hash of the password, as long as there is one and is not disabled. */
export async function findPassword(db: Db, name: string): Promise<(Operator & { password_hash: string }) | undefined> {
  const [operator] = await db.query<Operator & { password_hash: string }>(
    `select ${COLUMNS}, password_hash from operators
     where name = $1 and password_hash is not null and disabled_at is null`,
    [name],
  );
  return operator;
}

/** Ends, or lets begin again, all that an operator may do. Sessions and links end for good. */
export async function setOperatorDisabled(
  database: Db,
  name: string,
  disabled: boolean,
  actor: string,
): Promise<Operator | undefined> {
  return asActor(database, actor, async (db) => {
    const [operator] = await db.query<Operator>(
      `update operators set disabled_at = case when $2 then coalesce(disabled_at, now()) end where name = $1
       returning ${COLUMNS}`,
      [name, disabled],
    );
    if (!operator) return undefined;
    await db.query('delete from operator_sessions where operator_id = $1', [operator.id]);
    await db.query('delete from operator_invitations where operator_id = $1', [operator.id]);
    return operator;
  });
}
