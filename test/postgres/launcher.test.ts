import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { startPostgres, useOrStartPostgres } from '../../server/postgres/launcher.ts';
import { canAccess, postgresAccount } from '../../server/postgres/run-as.ts';
import { temporaryFolder } from '../support/database.ts';
import { waitForExit } from '../support/server-process.ts';
import { isRoot, postmasterPid, query, SERVER_STAND_IN, startServer } from './support.ts';

let folder: string;
before(() => {
  folder = temporaryFolder('ihf-launcher-');
});
after(() => rmSync(folder, { recursive: true, force: true }));

test('the first start creates the database, and the next one finds its data', async () => {
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

test('a wrong password is rejected, also from this machine', async () => {
  const server = await startPostgres({ dataDir: join(folder, 'secret') });
  const url = new URL(server.url);
  url.password = 'guess';
  await assert.rejects(query(url.href, 'select 1'), { code: '28P01' });
  await server.stop();
});

test('a second start on a data directory is rejected with a remedy; a command can share the running Postgres', async () => {
  const dataDir = join(folder, 'second');
  const server = await startPostgres({ dataDir });
  const pid = postmasterPid(join(dataDir, 'postgres'));
  await assert.rejects(startPostgres({ dataDir }), {
    name: 'AlreadyRunningError',
    message:
      `Another server is already running on the data directory ${dataDir} (Postgres pid ${pid}). ` +
      'Stop it, set IHF_DATA_DIR to another directory, or set DATABASE_URL to share one database.',
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

test('of two concurrent first starts, one succeeds and the other is rejected', async () => {
  const dataDir = join(folder, 'race');
  const results = await Promise.allSettled([startPostgres({ dataDir }), startPostgres({ dataDir })]);
  const served = results.filter((result) => result.status === 'fulfilled');
  const refused = results.filter((result) => result.status === 'rejected');
  assert.deepEqual([served.length, refused.map(({ reason }) => reason.name)], [1, ['AlreadyRunningError']]);
  await served[0]?.value.stop();
  assert.deepEqual(readdirSync(dataDir).sort(), ['postgres', 'postgres.log', 'postgres.password']);
});

test('kill -9 of the server stops Postgres and loses no data, and a new server can start at once', async () => {
  const dataDir = join(folder, 'killed');
  const first = await startServer(dataDir);
  await query(first.url, 'create table t as select 42 as answer');
  first.child.kill('SIGKILL');
  await first.exited;
  const second = await startServer(dataDir); // while the old Postgres is still shutting down
  await waitForExit(first.pid);
  assert.deepEqual(await query(second.url, 'select answer from t'), { answer: 42 });
  second.child.kill('SIGKILL');
  await waitForExit(second.pid);
});

test('Ctrl-C does not reach Postgres: the server can finish its requests', async () => {
  const dataDir = join(folder, 'interrupted');
  const server = await startServer(dataDir);
  process.kill(-(server.child.pid as number), 'SIGINT');
  assert.deepEqual(await server.next(), { reachable: true });
  assert.equal(await server.exited, 0);
  assert.ok(!existsSync(join(server.cluster, 'postmaster.pid')));
  assert.match(readFileSync(join(dataDir, 'postgres.log'), 'utf8'), /database system is shut down\n$/);
});

test('a Postgres that dies is reported with its last log lines, and the next start recovers', async () => {
  const dataDir = join(folder, 'died');
  const server = await startPostgres({ dataDir });
  await query(server.url, 'create table t as select 42 as answer');
  const awake = setInterval(() => {}, 1_000); // Postgres does not keep this process from exiting
  process.kill(postmasterPid(join(dataDir, 'postgres')), 'SIGKILL');
  assert.match(
    await server.died,
    /^Postgres \(pid \d+\) exited unexpectedly\. It exited with status 137; .*ready to accept/s,
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
  const other = spawn('sleep', ['60'], { ...postgresAccount(cluster), stdio: 'ignore' });
  const file = join(cluster, 'postmaster.pid');
  writeFileSync(file, `${other.pid}\n${cluster}\n1700000000\n5432\n\n127.0.0.1\n  1234567         0\nready   \n`);
  const account = postgresAccount(cluster);
  if (account) chownSync(file, account.uid, account.gid);
  const server = await startPostgres({ dataDir });
  assert.deepEqual(await query(server.url, 'select 1 as one'), { one: 1 });
  await server.stop();
  other.kill();
});

test('the cluster of a data directory that Postgres cannot enter is stored outside, and found again', async () => {
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
  assert.equal(existsSync(pointer), isRoot); // a normal user can enter its own directories
  const outside = isRoot ? [readFileSync(pointer, 'utf8').trim()] : [];
  // A data directory that was deleted and created again starts empty, also if its data was outside.
  rmSync(dataDir, { recursive: true });
  const recreated = await startPostgres({ dataDir });
  await assert.rejects(query(recreated.url, 'select answer from t'), /"t" does not exist/);
  await recreated.stop();
  if (isRoot) outside.push(readFileSync(pointer, 'utf8').trim());
  for (const home of outside) rmSync(home, { recursive: true });
});

test('a copy of a data directory whose data is stored outside is rejected with its location; a moved one is accepted', {
  skip: isRoot ? false : 'a normal user can enter its own directories',
}, async () => {
  const closed = join(folder, 'copied');
  mkdirSync(closed, { mode: 0o700 });
  const [original, copy, moved] = ['original', 'copy', 'moved'].map((name) => join(closed, name)) as [
    string,
    string,
    string,
  ];
  const first = await startPostgres({ dataDir: original });
  await first.stop();
  const home = readFileSync(join(original, 'postgres.location'), 'utf8').trim();
  cpSync(original, copy, { recursive: true });
  await assert.rejects(startPostgres({ dataDir: copy }), ({ message }) => {
    return message.startsWith(`${copy} is a copy of ${original} without its data, which is in ${home}. `);
  });
  renameSync(original, moved);
  await (await startPostgres({ dataDir: moved })).stop();
  rmSync(home, { recursive: true });
});

test('a normal user can start it, not only root', async (t) => {
  const nobody = { uid: 65534, gid: 65534 };
  const dataDir = join(folder, 'normal');
  mkdirSync(dataDir);
  if (isRoot && canAccess(nobody, process.execPath) && canAccess(nobody, dirname(SERVER_STAND_IN))) {
    chownSync(dataDir, nobody.uid, nobody.gid);
    const server = await startServer(dataDir, nobody);
    assert.equal(lstatSync(server.cluster).uid, nobody.uid);
    server.child.kill('SIGINT');
    assert.equal(await server.exited, 0);
  } else {
    const server = await startPostgres({ dataDir });
    assert.deepEqual(await query(server.url, 'select 1 as one'), { one: 1 });
    await server.stop();
    t.diagnostic(isRoot ? 'no other user can enter this checkout: tested as root' : 'tested as the user of this run');
  }
});

test('data of another major version is rejected with both versions', async () => {
  const dataDir = join(folder, 'old');
  mkdirSync(join(dataDir, 'postgres'), { recursive: true });
  writeFileSync(join(dataDir, 'postgres', 'PG_VERSION'), '12\n');
  await assert.rejects(
    startPostgres({ dataDir }),
    /The data in .*old\/postgres belongs to Postgres 12, but .* is Postgres \d+/,
  );
});

test('a setting that Postgres rejects is an error with its message', async () => {
  const start = startPostgres({ dataDir: join(folder, 'setting'), settings: { no_such_thing: '1' } });
  await assert.rejects(start, /does not start on .*setting.*unrecognized configuration parameter "no_such_thing"/s);
});
