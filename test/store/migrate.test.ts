import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import pg from 'pg';
import { migrate } from '../../server/store/database/migrate.ts';
import { startTestPostgres, type TestPostgres } from '../support/database.ts';

let server: TestPostgres;
let client: pg.Client;
let directory: string;
before(async () => {
  server = await startTestPostgres();
  client = new pg.Client(server.url);
  await client.connect();
});
beforeEach(async () => {
  await client.query('drop schema public cascade; create schema public');
  directory = mkdtempSync(join(tmpdir(), 'ihf-migrations-'));
});
after(async () => {
  await client.end();
  await server.stop();
});

/** Writes migrations, runs the work with their directory, and removes them. */
async function withFiles(files: Record<string, string>, work: () => Promise<void>): Promise<void> {
  write(files);
  await work().finally(() => rmSync(directory, { recursive: true }));
}

function write(files: Record<string, string>): void {
  for (const [name, sql] of Object.entries(files)) writeFileSync(join(directory, name), sql);
}

async function applied(): Promise<string[]> {
  const { rows } = await client.query('select name from schema_migrations order by name');
  return rows.map(({ name }) => name);
}

const ONE = { '0001_one.sql': 'create table one (a int); insert into one values (1);' };
const TWO = { '0002_two.sql': 'alter table one add b int;' };

test('applies the files in order, once each, and later only the new ones', () =>
  withFiles({ ...ONE, 'README.md': 'not a migration' }, async () => {
    assert.deepEqual(await migrate(server.url, directory), ['0001_one.sql']);
    assert.deepEqual(await migrate(server.url, directory), []);
    write(TWO);
    assert.deepEqual(await migrate(server.url, directory), ['0002_two.sql']);
    assert.deepEqual((await client.query('select * from one')).rows, [{ a: 1, b: null }]);
    assert.deepEqual(await applied(), ['0001_one.sql', '0002_two.sql']);
  }));

test('nodes that start at once apply each file once', () =>
  withFiles({ ...ONE, ...TWO }, async () => {
    const done = await Promise.all([1, 2, 3, 4].map(() => migrate(server.url, directory)));
    assert.deepEqual(done.flat().sort(), ['0001_one.sql', '0002_two.sql']);
  }));

test('a failing file is rolled back whole, named with line and column, and what came before it stays', () =>
  withFiles({ ...ONE, '0002_bad.sql': 'create table two (a int);\n-- 😀 é\n  select * from nowhere;' }, async () => {
    await assert.rejects(migrate(server.url, directory), {
      message:
        `${join(directory, '0002_bad.sql')}:3:17: relation "nowhere" does not exist. ` +
        'Nothing of this file was applied: correct it and run the migration again.',
    });
    assert.deepEqual(await applied(), ['0001_one.sql']);
    assert.equal((await client.query(`select to_regclass('two') as two`)).rows[0].two, null);
  }));

test('an applied file that was edited is refused by name', () =>
  withFiles(ONE, async () => {
    await migrate(server.url, directory);
    write({ '0001_one.sql': 'create table one (a bigint);' });
    await assert.rejects(
      migrate(server.url, directory),
      /0001_one\.sql was edited after it was applied .*new migration\.$/,
    );
  }));

test('an applied file that is missing is refused by name', () =>
  withFiles({ ...ONE, ...TWO }, async () => {
    await migrate(server.url, directory);
    rmSync(join(directory, '0002_two.sql'));
    await assert.rejects(migrate(server.url, directory), /has had the migration 0002_two\.sql, which .* lacks/);
  }));

test('a new file may not come before an applied one', () =>
  withFiles(TWO, async () => {
    write({ '0002_two.sql': 'select 1' });
    await migrate(server.url, directory);
    write(ONE);
    await assert.rejects(migrate(server.url, directory), /0001_one\.sql is new, but comes before 0002_two\.sql/);
    assert.deepEqual(await applied(), ['0002_two.sql']);
  }));

test('two files with one number, and a name that is none, are refused before anything is applied', () =>
  withFiles({ ...ONE, '0001_other.sql': 'select 1' }, async () => {
    await assert.rejects(migrate(server.url, directory), /0001_one\.sql and 0001_other\.sql .* have the same number/);
    rmSync(join(directory, '0001_other.sql'));
    write({ '2_two.sql': 'select 1' });
    await assert.rejects(migrate(server.url, directory), /2_two\.sql is not named like 0001_what_it_does\.sql/);
    assert.equal((await client.query(`select to_regclass('one') as one`)).rows[0].one, null);
  }));

test('a setting that one file makes does not change what the next one means', () =>
  withFiles(
    { '0001_path.sql': 'set search_path = pg_catalog;', '0002_one.sql': 'create table one (a int);' },
    async () => {
      await migrate(server.url, directory);
      assert.ok((await client.query(`select to_regclass('public.one') as one`)).rows[0].one);
    },
  ));
