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

/** Creates the operator, if there is none with this name. */
export async function insertOperator(db: Db, name: string): Promise<void> {
  await db.query('insert into operators (name) values ($1) on conflict (name) do nothing', [name]);
}

/** Stores a one-time link with which the operator sets a password. Earlier links of the operator become invalid. */
export async function insertInvitation(db: Db, name: string, tokenHash: Buffer): Promise<void> {
  await db.query(
    `with earlier as (
       delete from operator_invitations using operators where operator_id = operators.id and name = $1
     )
     insert into operator_invitations (token_hash, operator_id, expires_at)
     select $2, id, now() + ${LINK_LIFETIME} from operators where name = $1`,
    [name, tokenHash],
  );
}

/** The operator of a link; undefined if the link is unknown or has expired. */
export async function findInvited(db: Db, tokenHash: Buffer): Promise<Operator | undefined> {
  const [operator] = await db.query<Operator>(
    `select ${COLUMNS} from operator_invitations join operators on operators.id = operator_id
     where token_hash = $1 and expires_at > now() and disabled_at is null`,
    [tokenHash],
  );
  return operator;
}

/** Sets the password by a link, which becomes invalid, and ends the operator's sessions. Undefined if the link is invalid. */
export async function setPasswordByLink(
  db: Db,
  tokenHash: Buffer,
  passwordHash: string,
): Promise<Operator | undefined> {
  const [operator] = await db.query<Operator>(
    // A concurrent request with the same link waits for the deletion, and then finds no link.
    `with link as (
       delete from operator_invitations where token_hash = $1 and expires_at > now() returning operator_id
     ), ended as (
       delete from operator_sessions using link where operator_sessions.operator_id = link.operator_id
     ), author as materialized (
       select set_config('ihf.actor', 'operator:' || name, true), operators.id
       from operators join link on operators.id = link.operator_id where disabled_at is null
     )
     update operators set password_hash = $2, password_set_at = now() from author where operators.id = author.id
     returning operators.${COLUMNS.replaceAll(', ', ', operators.')}`,
    [tokenHash, passwordHash],
  );
  return operator;
}

/**
 * Replaces the password, and ends all sessions and links of the operator. Must run as the operator (`asActor`).
 * @returns false if `oldHash` is no longer the hash of the operator's password, and nothing was changed.
 */
export async function replacePassword(db: Db, operatorId: string, oldHash: string, newHash: string): Promise<boolean> {
  const [operator] = await db.query(
    `with operator as (
       update operators set password_hash = $3, password_set_at = now()
       where id = $1 and password_hash = $2 and disabled_at is null returning id
     ), ended as (
       delete from operator_sessions using operator where operator_id = operator.id
     ), invalidated as (
       delete from operator_invitations using operator where operator_id = operator.id
     )
     select id from operator`,
    [operatorId, oldHash, newHash],
  );
  return operator !== undefined;
}

export type OperatorWithPassword = Operator & { password_hash: string };

/** The operator with this name, with the password hash; undefined if there is none, or it is disabled or has no password. */
export async function findPassword(db: Db, name: string): Promise<OperatorWithPassword | undefined> {
  const [operator] = await db.query<OperatorWithPassword>(
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
  const [operator] = await asActor(database, actor, (db) =>
    db.query<Operator>(
      `with operator as (
         update operators set disabled_at = case when $2 then coalesce(disabled_at, now()) end where name = $1
         returning *
       ), ended as (
         delete from operator_sessions using operator where operator_id = operator.id
       ), invalidated as (
         delete from operator_invitations using operator where operator_id = operator.id
       )
       select ${COLUMNS} from operator`,
      [name, disabled],
    ),
  );
  return operator;
}
