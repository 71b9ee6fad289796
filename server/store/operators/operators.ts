import { hashCredential, newOperatorToken } from '../../credentials.ts';
import { asActor } from '../database/actor.ts';
import type { Db } from '../database/database.ts';

/** A person who runs the installation. */
export interface Operator {
  id: string;
  name: string;
  created_at: string;
  /** Null until the operator has set a password. */
  password_set_at: string | null;
  disabled_at: string | null;
}

const COLUMNS = 'id, name, created_at, password_set_at, disabled_at';

/** The lifetime of a one-time link. */
const LINK_LIFETIME = "interval '24 hours'";

export function listOperators(db: Db): Promise<Operator[]> {
  return db.query<Operator>(`select ${COLUMNS} from operators order by id`);
}

/**
 * Creates a one-time link with which the operator sets a password, and the operator if there is none with this name.
 * Earlier links of the operator become invalid.
 * @returns the token of the link.
 */
export function inviteOperator(database: Db, name: string, actor: string): Promise<string> {
  const token = newOperatorToken();
  return asActor(database, actor, async (db) => {
    await db.query('insert into operators (name) values ($1) on conflict (name) do nothing', [name]);
    await db.query(
      `delete from operator_invitations using operators where operator_id = operators.id and name = $1 or expires_at <= now()`,
      [name],
    );
    await db.query(
      `insert into operator_invitations (token_hash, operator_id, expires_at)
       select $2, id, now() + ${LINK_LIFETIME} from operators where name = $1`,
      [name, hashCredential(token)],
    );
    return token;
  });
}

/** The operator of a link; undefined if the link is unknown or has expired. */
export async function findInvited(db: Db, token: string): Promise<Operator | undefined> {
  const [operator] = await db.query<Operator>(
    `select ${COLUMNS} from operator_invitations join operators on operators.id = operator_id
     where token_hash = $1 and expires_at > now() and disabled_at is null`,
    [hashCredential(token)],
  );
  return operator;
}

/** Sets the password by a link, which becomes invalid, and ends the operator's sessions. Undefined if the link is invalid. */
export function joinByLink(database: Db, token: string, passwordHash: string): Promise<Operator | undefined> {
  return database.transaction(async (db) => {
    const invited = await findInvited(db, token);
    if (!invited) return undefined;
    const used = await db.query('delete from operator_invitations where token_hash = $1 returning 1', [
      hashCredential(token),
    ]);
    // A concurrent request has used the same link.
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

/** The operator with this name, with the password hash; undefined if there is none, or it is disabled or has no password. */
export async function findPassword(db: Db, name: string): Promise<(Operator & { password_hash: string }) | undefined> {
  const [operator] = await db.query<Operator & { password_hash: string }>(
    `select ${COLUMNS}, password_hash from operators
     where name = $1 and password_hash is not null and disabled_at is null`,
    [name],
  );
  return operator;
}

/** Disables or enables an operator. Sessions and links are deleted. */
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
