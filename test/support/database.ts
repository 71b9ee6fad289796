import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { startPostgres } from '../../server/postgres/launcher.ts';
import { migrate } from '../../server/store/database/migrate.ts';

const MIGRATIONS = resolve(import.meta.dirname, '../../../migrations');

/** Key of the advisory lock under which the template is created; the same in all test processes. */
const LOCK = 7_361_002_945;

export interface TestPostgres {
  url: string;
  stop(): Promise<void>;
}

/** Starts a Postgres in a temporary folder with all durability settings off. */
export async function startTestPostgres(): Promise<TestPostgres> {
  const folder = temporaryFolder('ihf-test-');
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '300' };
  try {
    const { url, stop } = await startPostgres({ dataDir: join(folder, 'data'), settings });
    return { url, stop: () => stop().finally(remove) };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Creates a temporary folder that the user of Postgres can enter too. The caller removes it. */
export function temporaryFolder(prefix: string): string {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  chmodSync(folder, 0o755);
  return folder;
}

let ownServer: Promise<TestPostgres> | undefined;
let ownUsers = 0;

/**
 * Creates a migrated database and returns the URL of its superuser. It is on the Postgres of the test run
 * (IHF_TEST_DATABASE_URL) or, if the file runs alone, on one that this process starts and the last `drop` stops.
 */
export async function testDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const shared = process.env.IHF_TEST_DATABASE_URL;
  if (!shared) {
    ownServer ??= startTestPostgres();
    ownUsers++;
  }
  const server = shared ?? (await (ownServer as Promise<TestPostgres>)).url;
  const name = `ihf_test_${process.pid}_${randomBytes(4).toString('hex')}`;
  const template = await ensureTemplate(server);
  await asAdmin(server, (admin) => admin.query(`create database ${name} template ${template}`));
  async function drop(): Promise<void> {
    await asAdmin(server, (admin) => admin.query(`drop database if exists ${name} with (force)`));
    if (shared || --ownUsers > 0) return;
    const last = await ownServer;
    ownServer = undefined;
    await last?.stop();
  }
  return { url: databaseUrl(server, name), drop };
}

/** Creates the migrated database that others are copied from. Named after the migrations: Postgres may outlive a run. */
function ensureTemplate(server: string): Promise<string> {
  const hash = createHash('sha256');
  for (const file of readdirSync(MIGRATIONS).sort()) hash.update(file).update(readFileSync(join(MIGRATIONS, file)));
  const name = `ihf_template_${hash.digest('hex').slice(0, 16)}`;
  return asAdmin(server, async (admin) => {
    await admin.query('select pg_advisory_lock($1)', [LOCK]); // released when the connection ends
    const { rows } = await admin.query('select datistemplate as whole from pg_database where datname = $1', [name]);
    if (rows[0]?.whole) return name;
    // Without the template mark, its migration was interrupted.
    await admin.query(`drop database if exists ${name} with (force)`);
    await admin.query(`create database ${name}`);
    await migrate(databaseUrl(server, name), MIGRATIONS);
    await admin.query(`alter database ${name} is_template true`);
    return name;
  });
}

async function asAdmin<T>(server: string, work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client(server);
  await admin.connect();
  return work(admin).finally(() => admin.end());
}

/** Whether a query in the client's database waits for a lock. */
export async function hasBlockedQuery(client: pg.Client): Promise<boolean> {
  const sql = `select from pg_locks join pg_database on pg_database.oid = database
    where datname = current_database() and not granted`;
  return ((await client.query(sql)).rowCount ?? 0) > 0;
}

function databaseUrl(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}
