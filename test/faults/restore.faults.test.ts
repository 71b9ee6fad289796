import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import pg from 'pg';
import { startPostgres } from '../../server/postgres/launcher.ts';
import { startServer } from '../../server/server.ts';
import { newCaller } from '../support/access.ts';
import { temporaryFolder } from '../support/database.ts';
import { apiOf, CONFIG, createWidget } from '../support/server.ts';

const run = promisify(execFile);

/** The embedded Postgres has no pg_dump: both servers of this test are Debian's, if it is installed. */
const DEBIAN = '/usr/lib/postgresql';
const bin = (existsSync(DEBIAN) ? readdirSync(DEBIAN) : [])
  .map((version) => join(DEBIAN, version, 'bin'))
  .find((path) => ['postgres', 'initdb', 'pg_dump', 'pg_restore'].every((program) => existsSync(join(path, program))));

const cleanUp: (() => Promise<void> | void)[] = [];
after(async () => {
  for (const step of cleanUp.reverse()) await step();
});

async function newPostgres(path: string): Promise<string> {
  const folder = temporaryFolder('ihf-restore-');
  cleanUp.push(() => rmSync(folder, { recursive: true, force: true }));
  process.env.PATH = `${path}:${process.env.PATH}`;
  const settings = { fsync: 'off' };
  const { url, stop } = await startPostgres({ dataDir: join(folder, 'data'), packageDir: folder, settings });
  cleanUp.push(stop);
  return url;
}

/** Restores as docs/operations/backup.md says. */
async function restore(path: string, dump: string, server: string, name: string, ...options: string[]) {
  const url = new URL(server);
  const admin = new pg.Client(server);
  await admin.connect();
  const { rowCount } = await admin.query("select from pg_roles where rolname = 'ihf_app'");
  if (!rowCount) await admin.query('create role ihf_app nologin');
  await admin.query(`create database ${name}`);
  await admin.end();
  url.pathname = `/${name}`;
  const args = ['--exit-on-error', '--no-owner', ...options, `--dbname=${url.href}`, dump];
  await run(join(path, 'pg_restore'), args);
  return url.href;
}

test('a dump restored into a new server has all data and keys, and the next revision number is above a reserved one', {
  skip: bin ? false : 'needs pg_dump of Debian',
}, async () => {
  const path = bin as string;
  const source = await newPostgres(path);
  const before = await startServer(CONFIG, source);
  const caller = await newCaller(before.database);
  const { widgetId } = await createWidget(apiOf(before.url, caller.key), 'pay');
  const event = { widget_id: widgetId, event_type: 'clicked' as const };
  const { data: stored } = await apiOf(before.url, caller.key).POST('/api/v2/interaction-events', { body: event });
  assert.ok(stored);
  const folder = temporaryFolder('ihf-dump-');
  cleanUp.push(() => rmSync(folder, { recursive: true, force: true }));
  const dump = join(folder, 'ihf.dump');
  await run(join(path, 'pg_dump'), ['--format=custom', `--file=${dump}`, source]);
  await before.close();

  const target = await newPostgres(path);
  const restored = await restore(path, dump, target, 'restored');
  const owner = new pg.Client(restored);
  await owner.connect();
  await owner.query('select ihf_reserve_revisions(128)');
  await owner.query("insert into event_types (name, label) values ('after_restore', 'After the restore')");
  await owner.end();
  const server = await startServer(CONFIG, restored);
  try {
    const api = apiOf(server.url, caller.key);
    const path = { event_id: stored.id };
    const { data } = await api.GET('/api/v2/interaction-events/{event_id}', { params: { path } });
    assert.deepEqual(data, stored);
    assert.equal((await api.POST('/api/v2/interaction-events', { body: event })).response.status, 201);
    assert.equal((await api.GET('/api/v2/hubs')).response.headers.get('ihf-contract-revision'), '129');
  } finally {
    await server.close();
  }

  const bare = await restore(path, dump, target, 'bare', '--no-privileges');
  await assert.rejects(
    startServer(CONFIG, bare),
    /The role ihf_app has no privileges on the tables\. .*--no-privileges/,
  );
});
