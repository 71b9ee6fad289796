import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import pg from 'pg';
import { Client } from './client.ts';
import { ownerConfig } from './owner-config.ts';

/** Any fixed number will do. Two nodes that start at once take turns. */
const LOCK = 4_834_017_211;
const SCRAM_ITERATIONS = 4_096;
/** Longer than any of these statements takes, also while another node holds the lock. */
const QUERY_TIMEOUT_MS = 10_000;
/** invalid_password and invalid_authorization_specification; PgBouncer reports a user that it does not know as protocol_violation. */
const NO_LOGIN = ['28P01', '28000', '08P01'];
const INSUFFICIENT_PRIVILEGE = '42501';

/**
 * Whether the session's own user, whatever role it has set, is more than a member of `ihf_app`: then it could change the
 * schema, what is append-only, or files of the database server.
 */
const IS_POWERFUL = `
  select rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls or exists (select from pg_tables
      where schemaname = 'public' and pg_has_role(session_user, tableowner, 'member'))
    or exists (select from pg_auth_members
      where member = pg_roles.oid and roleid <> (select oid from pg_roles as app where app.rolname = 'ihf_app')) as powerful
  from pg_roles where rolname = session_user`;

/**
 * The URL with which a node works on its database: a login of its own that is a member of `ihf_app` and nothing else. A
 * session that only sets its role, as one of the owner would, can take it back; this one cannot become anything else.
 *
 * The login and its password follow from the secret key, so that every node has the same without any to store. A key
 * rotation brings another login; nodes with the key before keep theirs until `ihf secrets rotate` removes it.
 *
 * @param ownerUrl logs in as the owner of the tables, or as a user that has been prepared as a login of nodes.
 * @returns undefined if the owner is not allowed to create roles.
 */
export async function ensureNodeLogin(ownerUrl: string, secretKey: Buffer): Promise<string | undefined> {
  const owner = new Client({ ...ownerConfig(ownerUrl), query_timeout: QUERY_TIMEOUT_MS });
  await owner.connect();
  try {
    if (!(await isPowerful(owner))) return ownerUrl;
    const database = await databaseOf(owner);
    const { user, password } = loginOf(secretKey, database);
    const url = withCredentials(ownerUrl, user, password, database);
    if (!(await canLogIn(url))) await createLogin(owner, user, password);
    return url;
  } catch (error) {
    if ((error as { code?: string }).code === INSUFFICIENT_PRIVILEGE) return undefined;
    throw error;
  } finally {
    await owner.end();
  }
}

/**
 * Removes the login that follows from a secret key which no node is to use any more.
 * @returns `in_use` if a session of it is open; it is not removed then. `not_allowed` if the owner may not drop roles.
 */
export async function removeNodeLogin(
  ownerUrl: string,
  secretKey: Buffer,
): Promise<'removed' | 'missing' | 'in_use' | 'not_allowed'> {
  const owner = new Client({ ...ownerConfig(ownerUrl), query_timeout: QUERY_TIMEOUT_MS });
  await owner.connect();
  try {
    const { user } = loginOf(secretKey, await databaseOf(owner));
    const { rows } = await owner.query<{ is_used: boolean }>(
      `select exists (select from pg_stat_activity where usename = rolname) as is_used from pg_roles where rolname = $1`,
      [user],
    );
    if (!rows[0]) return 'missing';
    if (rows[0].is_used) return 'in_use';
    await owner.query(`drop role ${pg.escapeIdentifier(user)}`);
    return 'removed';
  } catch (error) {
    if ((error as { code?: string }).code === INSUFFICIENT_PRIVILEGE) return 'not_allowed';
    throw error;
  } finally {
    await owner.end();
  }
}

/** The name and password of the login that follows from a secret key. */
function loginOf(secretKey: Buffer, database: string): { user: string; password: string } {
  const derive = (purpose: string) => createHmac('sha256', secretKey).update(`${purpose} ${database}`).digest();
  return {
    user: `ihf_node_${derive('login').toString('hex').slice(0, 16)}`,
    password: derive('password').toString('base64url'),
  };
}

async function databaseOf(client: pg.Client): Promise<string> {
  return (await client.query<{ name: string }>('select current_database() as name')).rows[0]?.name as string;
}

async function isPowerful(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ powerful: boolean }>(IS_POWERFUL);
  return rows[0]?.powerful ?? true;
}

function withCredentials(ownerUrl: string, user: string, password: string, database: string): string {
  const url = new URL(ownerUrl);
  url.username = user;
  url.password = password;
  url.pathname = `/${encodeURIComponent(database)}`;
  return url.href;
}

async function canLogIn(url: string): Promise<boolean> {
  const client = new Client({ ...ownerConfig(url), query_timeout: QUERY_TIMEOUT_MS });
  try {
    await client.connect();
    const { rows } = await client.query<{ member: boolean }>("select pg_has_role('ihf_app', 'member') as member");
    return rows[0]?.member ?? false;
  } catch (error) {
    const { code } = error as { code?: string };
    if (NO_LOGIN.includes(code ?? '')) return false;
    throw error;
  } finally {
    await client.end().catch(() => {});
  }
}

async function createLogin(owner: pg.Client, user: string, password: string): Promise<void> {
  await owner.query('begin');
  try {
    await owner.query('select pg_advisory_xact_lock($1)', [LOCK]);
    const { rowCount } = await owner.query('select from pg_roles where rolname = $1', [user]);
    const role = pg.escapeIdentifier(user);
    // The verifier, because Postgres may log the statement.
    const verifier = pg.escapeLiteral(scramVerifier(password));
    await owner.query(`${rowCount ? 'alter' : 'create'} role ${role} login password ${verifier}`);
    await owner.query(`grant ihf_app to ${role}`);
    await owner.query('commit');
  } catch (error) {
    await owner.query('rollback').catch(() => {});
    throw error;
  }
}

/** What Postgres stores of a password (RFC 5803, section 3). The password is ASCII, which SASLprep leaves as it is. */
function scramVerifier(password: string): string {
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password, salt, SCRAM_ITERATIONS, 32, 'sha256');
  const hmac = (key: string) => createHmac('sha256', salted).update(key).digest();
  const storedKey = createHash('sha256').update(hmac('Client Key')).digest('base64');
  const serverKey = hmac('Server Key').toString('base64');
  return `SCRAM-SHA-256$${SCRAM_ITERATIONS}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}
