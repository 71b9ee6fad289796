import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { prepareDatabase } from '../../server/prepare-database.ts';
import { testDatabase } from '../support/database.ts';
import { SECRET_KEY } from '../support/server-process.ts';
import { waitFor } from '../support/wait.ts';
import { startHalfOpenProxy } from './half-open-proxy.ts';

let database: Awaited<ReturnType<typeof testDatabase>>;
let admin: pg.Client;

before(async () => {
  database = await testDatabase();
  admin = new pg.Client(database.url);
  await admin.connect();
});
after(async () => {
  await admin.end();
  await database.drop();
});

function prepare(databaseUrl: string): { warnings: string[]; prepared: Promise<string> } {
  const warnings: string[] = [];
  const log = { warn: (text: string) => void warnings.push(text) };
  return { warnings, prepared: prepareDatabase({ databaseUrl, secretKey: SECRET_KEY }, log as never) };
}

test('a start on a database that does not respond says so, and ends with the reason', async () => {
  const proxy = await startHalfOpenProxy(database.url);
  proxy.swallowAll();
  const { host } = new URL(proxy.url);
  const { warnings, prepared } = prepare(proxy.url);
  await assert.rejects(prepared, { message: `The database at ${host} did not accept a connection within 10 s` });
  assert.deepEqual(warnings, [`The start waits for the database at ${host}: it has not responded.`]);
  proxy.close();
});

test('a start that waits for the migrations of another process says so', async () => {
  const name = `ihf_waiting_${randomBytes(4).toString('hex')}`;
  await admin.query(`create database ${name}`);
  const url = new URL(database.url);
  url.pathname = `/${name}`;
  const other = new pg.Client(url.href);
  await other.connect();
  await other.query('select pg_advisory_lock(4834017210)');
  const { warnings, prepared } = prepare(url.href);
  await waitFor(() => warnings.length > 0, 'the start says what it waits for');
  assert.match(
    warnings.join(),
    new RegExp(`^The start waits for the database at ${url.host}: (another process|its migr)`),
  );
  const isAnnounced = () => warnings.some((warning) => warning.endsWith(': another process is migrating it.'));
  await waitFor(isAnnounced, 'the start names the other process');
  await other.end();
  await prepared;
  await admin.query(`drop database ${name} with (force)`);
});
