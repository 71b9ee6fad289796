import pg from 'pg';
import { Client, type ClientConfig, NO_TRANSACTION_POOLER } from './client.ts';
import { connectionConfig } from './connection-config.ts';
import { ownerConfig } from './owner-config.ts';

const OLDEST_VERSION = 15;
/** Newer versions are accepted with a warning. */
const NEWEST_TESTED_VERSION = 18;
const INSUFFICIENT_PRIVILEGE = '42501';
const PROTOCOL_VIOLATION = '08P01';
const QUERY_TIMEOUT_MS = 10_000;
const RESTORE_AGAIN =
  'Run "create role ihf_app nologin" if it is missing, and restore the backup again without --no-privileges.';

/**
 * Checks what the server requires of a database before anything is changed in it.
 * @param ownerUrl logs in as the owner of the tables.
 * @param warn receives what an operator should know about a database that is accepted.
 * @throws Error that names the problem and its remedy.
 */
export async function checkDatabase(ownerUrl: string, warn: (message: string) => void): Promise<void> {
  await withClients(ownerConfig(ownerUrl), 2, async (...clients) => {
    const [client, other] = clients as [Client, Client];
    const { rows } = await client.query<{ version: string; number: number }>(
      "select current_setting('server_version') as version, current_setting('server_version_num')::int as number",
    );
    const { version = '', number = 0 } = rows[0] ?? {};
    if (number < OLDEST_VERSION * 10_000) {
      throw new Error(
        `The database runs on Postgres ${version}, but Postgres ${OLDEST_VERSION} to ${NEWEST_TESTED_VERSION} is required. Upgrade it.`,
      );
    }
    if (number >= (NEWEST_TESTED_VERSION + 1) * 10_000) warn(untested(version));
    await checkSessions(client, other);
    await checkRole(client);
  });
}

function untested(version: string): string {
  return `The database runs on Postgres ${version}. This release has been tested with Postgres ${OLDEST_VERSION} to ${NEWEST_TESTED_VERSION}. Look for a newer release.`;
}

/** Whether each client has a session of its own: locks, notifications and prepared statements belong to sessions. */
async function checkSessions(client: Client, other: Client): Promise<void> {
  const first = await backendOf(client);
  await other.query('begin');
  const shared = (await backendOf(other)) === first;
  if (shared || (await backendOf(client)) !== first) {
    throw new Error(NO_TRANSACTION_POOLER);
  }
}

async function backendOf(client: Client): Promise<number | undefined> {
  return (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]?.pid;
}

/** A restore can lose the role of the nodes, which is not part of a dump, or its grants. */
async function checkRole(client: Client): Promise<void> {
  const { rows } = await client.query<{ migrated: boolean; role: boolean }>(
    `select to_regclass('public.contract_state') is not null as migrated,
       exists (select from pg_roles where rolname = 'ihf_app') as role`,
  );
  if (!rows[0]?.migrated) return;
  if (!rows[0].role) throw new Error(`The database has tables, but the role ihf_app is missing. ${RESTORE_AGAIN}`);
  const { rows: granted } = await client.query<{ ok: boolean }>(
    "select has_table_privilege('ihf_app', 'public.contract_state', 'select') as ok",
  );
  if (!granted[0]?.ok) throw new Error(`The role ihf_app has no privileges on the tables. ${RESTORE_AGAIN}`);
}

/**
 * Checks that a node can open its connections.
 * @throws Error that says why not.
 */
export async function checkLogin(url: string): Promise<void> {
  try {
    await withClients(connectionConfig(url), 1, async () => {});
  } catch (error) {
    const user = new URL(url).username;
    const { code, message } = error as Error & { code?: string };
    if (code === PROTOCOL_VIOLATION) {
      const remedy =
        'Let the pooler look up its users in the database (PgBouncer: auth_query), or connect to Postgres directly.';
      throw new Error(`The connection pooler rejects the login of nodes, ${user}: ${message}. ${remedy}`, {
        cause: error,
      });
    }
    if (code !== INSUFFICIENT_PRIVILEGE) throw error;
    throw new Error(
      `The database user ${user} must be a member of the role ihf_app. Run "grant ihf_app to ${pg.escapeIdentifier(user)}".`,
      { cause: error },
    );
  }
}

async function withClients(
  config: ClientConfig,
  count: number,
  check: (...clients: Client[]) => Promise<void>,
): Promise<void> {
  const clients = Array.from({ length: count }, () => new Client({ ...config, query_timeout: QUERY_TIMEOUT_MS }));
  try {
    for (const client of clients) await client.connect();
    await check(...clients);
  } finally {
    for (const client of clients) await client.end().catch(() => {});
  }
}
