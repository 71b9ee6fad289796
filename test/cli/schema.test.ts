import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { MIGRATIONS } from '../../server/project-files.ts';
import { pendingMigrations } from '../../server/store/database/migrate.ts';
import { temporaryFolder, testDatabase } from '../support/database.ts';
import { cliError, cliJson, runCli } from './support.ts';

/** Every command that only reads. */
const READING = [
  ['hubs', 'list'],
  ['manifests', 'list'],
  ['consumers', 'list'],
  ['keys', 'list'],
  ['webhooks', 'list'],
  ['webhooks', 'attempts', '01a20992-e11d-72de-af53-f1126c373589'],
  ['webhooks', 'recover', '01a20992-e11d-72de-af53-f1126c373589', '2026-01-01', '--count'],
  ['registries', 'list', 'event_types'],
  ['contract', 'revisions'],
  ['contract', 'diff', '1', '2'],
  ['sdk', 'render', '--lang', 'ts', '--out', '/dev/null'],
  ['operators', 'list'],
];

let database: { url: string; drop(): Promise<void> };
before(async () => {
  database = await testDatabase();
});
after(() => database.drop());

async function sql(text: string): Promise<void> {
  const client = new pg.Client(database.url);
  await client.connect();
  await client.query(text).finally(() => client.end());
}

test('a command that only reads does not migrate the database, and says what to run', async () => {
  await sql('drop table public.schema_migrations');
  const all = await pendingMigrations(database.url, MIGRATIONS);
  assert.ok(all.length > 0);
  for (const argv of READING) {
    const { line, code } = await cliError(argv, { DATABASE_URL: database.url });
    assert.match(line, /^ihf: The database schema is out of date: \d+ pending migrations, .* Run 'ihf migrate'\.$/);
    assert.equal(code, 1);
  }
  assert.deepEqual(await pendingMigrations(database.url, MIGRATIONS), all, 'nothing was applied');
});

test('ihf migrate applies what is pending, and a second time nothing', async () => {
  const url = new URL(database.url);
  url.pathname += '_empty';
  const name = url.pathname.slice(1);
  await sql(`create database ${name}`);
  try {
    const environment = { DATABASE_URL: url.href };
    const { applied } = await cliJson<{ applied: string[] }>(['migrate'], environment);
    assert.ok(applied.length > 0);
    assert.deepEqual(await cliJson(['hubs', 'list'], environment), []);
    assert.equal((await runCli(['migrate'], environment)).stdout, 'The database is up to date.\n');
  } finally {
    await sql(`drop database ${name} with (force)`);
  }
});

test('a command that only reads creates no data directory', async () => {
  const folder = temporaryFolder('ihf-cli-');
  try {
    const dataDir = join(folder, 'data');
    const { line, code } = await cliError(['hubs', 'list'], { IHF_DATA_DIR: dataDir });
    assert.match(line, /There is no database in the data directory .*data\. Start the server once, run 'ihf migrate'/);
    assert.equal(code, 1);
    assert.equal(existsSync(dataDir), false);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a database that cannot be reached is one line that names the cause and DATABASE_URL', async () => {
  const { line, code } = await cliError(['hubs', 'list'], { DATABASE_URL: 'postgres://localhost:9/none' });
  assert.match(line, /^ihf: Cannot connect to the database: .*ECONNREFUSED.* Check DATABASE_URL\.$/);
  assert.equal(code, 1);
});
