import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { Client } from './client.ts';
import { ownerConfig } from './owner-config.ts';
import { runWatched } from './watched-statement.ts';

interface Migration {
  name: string;
  sql: string;
  sha256: string;
}

/** Any fixed number will do, as long as every node of every version takes the same. */
const LOCK = 4_834_017_210;
const LOCK_RETRY_MS = 50;
const ANNOUNCE_AFTER_MS = 3_000;
const QUERY_TIMEOUT_MS = 10_000;
const COMMIT_TIMEOUT_MS = 60_000;

/**
 * Brings a database up to date: applies the files `NNNN_name.sql` of a directory that it has not had, in order, one
 * transaction each. Nodes that start at once take turns. Forward only: an applied file never changes.
 *
 * @param onWait called once if another process migrates the database, and this one has to wait for some time.
 * @returns the names of the files applied by this call, empty when there was nothing to do.
 * @throws when an applied file was edited or is missing, when a new file would come before an applied one, or when one
 *   fails, which leaves the database as the file before it did.
 */
export async function migrate(
  url: string,
  directory: string,
  onWait: (reason: string) => void = () => {},
): Promise<string[]> {
  const migrations = await readMigrations(directory);
  const config = ownerConfig(url);
  const client = new Client(config);
  await client.connect();
  try {
    // Must come first, so that two nodes neither create the table at once nor both see a file as pending.
    await lock(client, onWait);
    await client.queryWithin(
      QUERY_TIMEOUT_MS,
      `create table if not exists public.schema_migrations (
      name text primary key, sha256 text not null, applied_at timestamptz not null default now())`,
    );
    const pending = comparePast(migrations, await readApplied(client), directory);
    for (const migration of pending)
      await apply(client, migration, directory, (sql) => runWatched(client, config, sql));
    return pending.map(({ name }) => name);
  } finally {
    await client.end(); // releases the lock
  }
}

/**
 * The names of the migrations that `migrate` would apply. Changes nothing.
 *
 * @throws when an applied file was edited or is missing, or when a new file would come before an applied one.
 */
export async function pendingMigrations(url: string, directory: string): Promise<string[]> {
  const migrations = await readMigrations(directory);
  const client = new Client(ownerConfig(url));
  await client.connect();
  try {
    const sql = "select to_regclass('public.schema_migrations') is not null as exists";
    const [found] = await client.queryWithin<{ exists: boolean }>(QUERY_TIMEOUT_MS, sql);
    const applied = found?.exists ? await readApplied(client) : [];
    return comparePast(migrations, applied, directory).map(({ name }) => name);
  } finally {
    await client.end();
  }
}

/** Tries again and again: a statement that waits for a lock cannot be told from one on a stalled connection. */
async function lock(client: Client, onWait: (reason: string) => void): Promise<void> {
  const began = performance.now();
  let announced = false;
  const take = 'select pg_try_advisory_lock($1) as locked';
  while (!(await client.queryWithin<{ locked: boolean }>(QUERY_TIMEOUT_MS, take, [LOCK]))[0]?.locked) {
    if (!announced && performance.now() - began > ANNOUNCE_AFTER_MS) {
      onWait('another process is migrating it');
      announced = true;
    }
    await sleep(LOCK_RETRY_MS);
  }
}

async function readApplied(client: Client): Promise<{ name: string; sha256: string }[]> {
  const sql = 'select name, sha256 from public.schema_migrations order by name collate "C"';
  return client.queryWithin(QUERY_TIMEOUT_MS, sql);
}

async function readMigrations(directory: string): Promise<Migration[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.sql')).sort();
  const migrations: Migration[] = [];
  for (const name of names) {
    if (!/^\d{4}_[a-z0-9_]+\.sql$/.test(name)) {
      throw new Error(`${join(directory, name)} is not named like 0001_what_it_does.sql. Rename it.`);
    }
    const before = migrations.at(-1)?.name;
    if (before?.slice(0, 4) === name.slice(0, 4)) {
      throw new Error(
        `${before} and ${name} in ${directory} have the same number. Give one of them the next free one.`,
      );
    }
    const sql = await readFile(join(directory, name), 'utf8');
    migrations.push({ name, sql, sha256: createHash('sha256').update(sql).digest('hex') });
  }
  return migrations;
}

/** The migrations still to apply, once those applied are known to be the ones in the directory. */
function comparePast(migrations: Migration[], applied: { name: string; sha256: string }[], directory: string) {
  const byName = new Map(migrations.map((migration) => [migration.name, migration]));
  for (const { name, sha256 } of applied) {
    const migration = byName.get(name);
    if (!migration) {
      throw new Error(
        `the database has had the migration ${name}, which ${directory} lacks. ` +
          'Deploy a build that has it (this one is older than the database), or restore the file.',
      );
    }
    if (migration.sha256 !== sha256) {
      throw new Error(
        `${join(directory, name)} was edited after it was applied to this database (sha256 then ${sha256}, ` +
          `now ${migration.sha256}). Restore it as it was, and put the change into a new migration.`,
      );
    }
    byName.delete(name);
  }
  const pending = [...byName.values()];
  const last = applied.at(-1)?.name;
  const early = pending.find(({ name }) => last && name < last);
  if (early) {
    throw new Error(
      `${join(directory, early.name)} is new, but comes before ${last}, which this database has had. ` +
        'Give it the next free number.',
    );
  }
  return pending;
}

async function apply(
  client: Client,
  { name, sql, sha256 }: Migration,
  directory: string,
  run: (sql: string) => Promise<void>,
): Promise<void> {
  await client.queryWithin(QUERY_TIMEOUT_MS, 'begin');
  try {
    await run(sql);
    const record = 'insert into public.schema_migrations (name, sha256) values ($1, $2)';
    await client.queryWithin(QUERY_TIMEOUT_MS, record, [name, sha256]);
    await client.queryWithin(COMMIT_TIMEOUT_MS, 'commit');
  } catch (error) {
    await client.queryWithin(QUERY_TIMEOUT_MS, 'rollback').catch(() => {}); // a lost connection rolls back by itself
    throw new Error(describeFailure(join(directory, name), sql, error as pg.DatabaseError), { cause: error });
  }
  await client.resetSettings(); // a search_path that one file set must not change what the next one means
}

function describeFailure(file: string, sql: string, { message, position, detail, hint, where }: pg.DatabaseError) {
  // Postgres counts characters, JavaScript strings count UTF-16 units.
  const before =
    position === undefined
      ? undefined
      : [...sql]
          .slice(0, Number(position) - 1)
          .join('')
          .split('\n');
  const at = before ? `${file}:${before.length}:${[...(before.at(-1) ?? '')].length + 1}` : file;
  const more = [detail, hint, where].filter(Boolean).map((text) => ` ${text}`);
  return `${at}: ${message}.${more.join('')} Nothing of this file was applied: correct it and run the migration again.`;
}
