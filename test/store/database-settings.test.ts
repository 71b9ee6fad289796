import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { prepareDatabase } from '../../server/prepare-database.ts';
import { startServer } from '../../server/server.ts';
import { checkDatabase, checkSettings, newVersionWarning } from '../../server/store/database/database-checks.ts';
import { startTestPostgres, type TestPostgres } from '../support/database.ts';
import { CONFIG } from '../support/server.ts';
import { SECRET_KEY } from '../support/server-process.ts';
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
  assert.deepEqual(rows, [{ role: 'ihf_app', zone: 'UTC', time: '2026-01-02T03:04:05Z', astray: 0 }]);
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
    assert.rejects(
      checkDatabase(url, log.warn),
      /^Error: The database URL leads to a connection pooler in transaction mode, /,
    ),
  );
});

test('a connection pooler that rejects the options of connections is named as the reason', async () => {
  await throughPooler('rejects options', (url) =>
    assert.rejects(
      checkDatabase(url, log.warn),
      /^Error: The database URL leads to a connection pooler that rejects the options /,
    ),
  );
});

test('a connection pooler that ignores the options of connections is rejected with the setting that is wrong', async () => {
  await throughPooler('ignores options', async (url) => {
    await checkDatabase(url, log.warn);
    await assert.rejects(
      checkSettings(url),
      /^Error: The setting role of database connections is 'none' instead of 'ihf_app'/,
    );
  });
});

test('a Postgres newer than the tested versions is reported at start', () => {
  assert.equal(newVersionWarning('18.4', 180_004), undefined);
  assert.match(newVersionWarning('19.1', 190_001) as string, /^The database runs on Postgres 19\.1, newer than 18, /);
});
