import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { prepareDatabase } from '../../server/prepare-database.ts';
import { startServer } from '../../server/server.ts';
import { openDatabase } from '../../server/store/database/database.ts';
import { checkLogin } from '../../server/store/database/database-checks.ts';
import { startTestPostgres, type TestPostgres } from '../support/database.ts';
import { CONFIG } from '../support/server.ts';
import { SECRET_KEY } from '../support/server-process.ts';
import { waitFor } from '../support/wait.ts';
import { type PoolerMode, startPooler } from './pooler-stand-in.ts';

/** Not the server of the other tests: roles belong to the whole server. */
let postgres: TestPostgres;
let admin: pg.Client;

before(async () => {
  postgres = await startTestPostgres();
  admin = new pg.Client(postgres.url);
  await admin.connect();
});
after(async () => {
  await admin.end();
  await postgres.stop();
});

const log = { warn: () => {} };
const prepare = (databaseUrl: string) => prepareDatabase({ databaseUrl, secretKey: SECRET_KEY }, log);

async function newDatabase(name: string): Promise<URL> {
  await admin.query(`create database ${name}`);
  const url = new URL(postgres.url);
  url.pathname = `/${name}`;
  return url;
}

async function within<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(url);
  await client.connect();
  return work(client).finally(() => client.end());
}

test('a time zone, date style or search path of the user, a schema with its name and options in the URL do no harm', async () => {
  const url = await newDatabase('settings');
  const user = url.username;
  await within(url.href, (client) =>
    client.query(`create schema ${user}; create schema elsewhere;
      alter role ${user} set timezone = 'Asia/Kolkata'; alter role ${user} set datestyle = 'German';
      alter role ${user} set search_path = 'elsewhere'`),
  );
  url.searchParams.set('options', '-c timezone=Asia/Tokyo -c search_path=elsewhere -c role=none');
  const server = await startServer(CONFIG, url.href);
  const rows = await server.database.query(
    `select current_user as role, current_setting('TimeZone') as zone, '2026-01-02T03:04:05Z'::timestamptz as time,
       (select count(*)::int from pg_tables where schemaname in ('elsewhere', $1)) as astray`,
    [user],
  );
  await server.close();
  await admin.query(`alter role ${user} reset all`);
  assert.deepEqual(rows, [{ role: 'ihf_app', zone: 'UTC', time: '2026-01-02T03:04:05.000Z', astray: 0 }]);
});

test('a database whose restore lost the role of the nodes or its grants is rejected with the remedy', async () => {
  const url = (await newDatabase('restored')).href;
  await prepare(url);
  await within(url, (client) => client.query('revoke all on all tables in schema public from ihf_app'));
  await assert.rejects(prepare(url), /^Error: The role ihf_app has no privileges on the tables\. .*--no-privileges\.$/);
  await admin.query('alter role ihf_app rename to ihf_app_lost');
  await assert.rejects(
    prepare(url),
    /^Error: The database has tables, but the role ihf_app is missing\. Run "create role/,
  );
  await admin.query('alter role ihf_app_lost rename to ihf_app');
});

async function throughPooler(mode: PoolerMode, work: (url: string) => Promise<void>): Promise<void> {
  const pooler = await startPooler(postgres.url, mode);
  await work(pooler.url).finally(() => pooler.close());
}

test('a connection pooler in transaction mode is rejected with the reason', async () => {
  await throughPooler('transaction', (url) =>
    assert.rejects(prepare(url), /^Error: The database URL leads to a connection pooler in transaction mode, /),
  );
});

for (const mode of ['rejects options', 'ignores options'] as const) {
  test(`through a connection pooler that ${mode} of the startup packet, every connection has its settings`, async () => {
    await throughPooler(mode, async (url) => {
      await prepare(url);
      const database = openDatabase(url);
      const rows = await database.query("select current_user as role, current_setting('TimeZone') as zone");
      await database.close();
      assert.deepEqual(rows, [{ role: 'ihf_app', zone: 'UTC' }]);
    });
  });
}

test('settings of the role that change while a node runs do not reach its later connections', async () => {
  const url = (await newDatabase('later')).href;
  const login = await prepare(url);
  const database = openDatabase(login);
  const zone = () => database.query("select current_setting('TimeZone') as zone, current_user as role");
  const { username } = new URL(login);
  try {
    assert.deepEqual(await zone(), [{ zone: 'UTC', role: 'ihf_app' }]);
    await admin.query(`alter role ${username} set timezone = 'Asia/Tokyo'; alter role ${username} set role = none`);
    await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', [username]);
    await waitFor(() => zone().catch(() => undefined), 'a new connection is made');
    assert.deepEqual(await zone(), [{ zone: 'UTC', role: 'ihf_app' }]);
  } finally {
    await database.close();
  }
});

test('a login that is no member of ihf_app is named with the remedy', async () => {
  const url = await newDatabase('stranger');
  await prepare(url.href);
  await admin.query("create role stranger login password 'x'");
  url.username = 'stranger';
  url.password = 'x';
  await assert.rejects(
    checkLogin(url.href),
    /^Error: The database user stranger must be a member of the role ihf_app\. Run/,
  );
});
