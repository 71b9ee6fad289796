import pg from 'pg';
import { connectionConfig } from './database.ts';
import { ownerConfig } from './owner-config.ts';

const OLDEST_VERSION = 15;
/** Newer versions are accepted with a warning. */
const NEWEST_TESTED_VERSION = 18;
const QUERY_TIMEOUT_MS = 10_000;
const RESTORE_AGAIN =
  'Run "create role ihf_app nologin" if it is missing, and restore the backup again without --no-privileges.';
const CONNECT_DIRECTLY = 'Connect to Postgres directly, or through a pooler in session mode that passes options on.';

/**
 * Checks what the server requires of a database before anything is changed in it.
 * @param ownerUrl logs in as the owner of the tables.
 * @param warn called with what is not an error.
 * @throws Error that names the problem and its remedy.
 */
export async function checkDatabase(ownerUrl: string, warn: (text: string) => void): Promise<void> {
  await withClients(ownerConfig(ownerUrl), async (client, other) => {
    const { rows } = await client.query<{ version: string; number: number }>(
      "select current_setting('server_version') as version, current_setting('server_version_num')::int as number",
    );
    const { version = '', number = 0 } = rows[0] ?? {};
    const warning = newVersionWarning(version, number);
    if (warning) warn(warning);
    if (number < OLDEST_VERSION * 10_000) {
      throw new Error(
        `The database runs on Postgres ${version}, but Postgres ${OLDEST_VERSION} to ${NEWEST_TESTED_VERSION} is required. Upgrade it.`,
      );
    }
    await checkSessions(client, other);
    await checkRole(client);
  });
}

/** @param number as in server_version_num. */
export function newVersionWarning(version: string, number: number): string | undefined {
  if (number < (NEWEST_TESTED_VERSION + 1) * 10_000) return undefined;
  return (
    `The database runs on Postgres ${version}, newer than ${NEWEST_TESTED_VERSION}, the newest version that this release ` +
    'is tested with. Upgrade the server when a release for it is available.'
  );
}

/** Whether each client has a session of its own: locks, notifications and prepared statements belong to sessions. */
async function checkSessions(client: pg.Client, other: pg.Client): Promise<void> {
  const first = await backendOf(client);
  await other.query('begin');
  const shared = (await backendOf(other)) === first;
  if (shared || (await backendOf(client)) !== first) {
    throw new Error(
      `The database URL leads to a connection pooler in transaction mode, which loses locks, notifications and settings. ${CONNECT_DIRECTLY}`,
    );
  }
}

async function backendOf(client: pg.Client): Promise<number | undefined> {
  return (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]?.pid;
}

/** A restore can lose the role of the nodes, which is not part of a dump, or its grants. */
async function checkRole(client: pg.Client): Promise<void> {
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
 * Checks that the connections of a node have the settings that it asks for.
 * @throws Error that names the first one that has not.
 */
export async function checkSettings(url: string): Promise<void> {
  const wanted = { role: 'ihf_app', search_path: 'public', TimeZone: 'UTC', DateStyle: 'ISO' };
  await withClients(connectionConfig(url), async (client) => {
    for (const [setting, value] of Object.entries(wanted)) {
      const { rows } = await client.query<{ value: string }>('select current_setting($1) as value', [setting]);
      if (rows[0]?.value.split(',')[0] === value) continue;
      throw new Error(
        `The setting ${setting} of database connections is '${rows[0]?.value}' instead of '${value}': a connection pooler ignores the options of connections. ${CONNECT_DIRECTLY}`,
      );
    }
  });
}

async function withClients(
  config: pg.ClientConfig,
  check: (client: pg.Client, other: pg.Client) => Promise<void>,
): Promise<void> {
  const clients = [1, 2].map(() => new pg.Client({ ...config, query_timeout: QUERY_TIMEOUT_MS }));
  // Without a listener, a connection that breaks would end the process.
  for (const client of clients) client.on('error', () => {});
  try {
    for (const client of clients) await client.connect();
    await check(...(clients as [pg.Client, pg.Client]));
  } catch (error) {
    // PgBouncer, unless it is configured otherwise.
    if (!/unsupported startup parameter/.test((error as Error).message)) throw error;
    throw new Error(
      `The database URL leads to a connection pooler that rejects the options of connections. ${CONNECT_DIRECTLY}`,
      {
        cause: error,
      },
    );
  } finally {
    for (const client of clients) await client.end().catch(() => {});
  }
}
