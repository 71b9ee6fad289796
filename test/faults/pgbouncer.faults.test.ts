import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { startServer } from '../../server/server.ts';
import { newCaller } from '../support/access.ts';
import { temporaryFolder, testDatabase } from '../support/database.ts';
import { CONFIG } from '../support/server.ts';
import { waitFor } from '../support/wait.ts';
import { registerWidget } from './recovery.ts';

const skip = spawnSync('pgbouncer', ['--version']).status === 0 ? false : 'needs pgbouncer';

let database: Awaited<ReturnType<typeof testDatabase>>;
let folder: string;

before(async () => {
  database = await testDatabase();
  folder = temporaryFolder('ihf-pgbouncer-');
});
after(async () => {
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** PgBouncer with its default configuration, except for the mode and the logins. */
async function startPgBouncer(mode: string, looksUpUsers = true): Promise<{ url: string; child: ChildProcess }> {
  const url = new URL(database.url);
  const { hostname, port, username, password } = url;
  const listenPort = await freePort();
  const users = join(folder, 'users.txt');
  const config = join(folder, `${mode}.ini`);
  writeFileSync(users, `"${username}" "${password}"\n`);
  writeFileSync(
    config,
    `[databases]
* = host=${hostname} port=${port}${looksUpUsers ? ` auth_user=${username}` : ''}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${listenPort}
unix_socket_dir =
pool_mode = ${mode}
auth_type = scram-sha-256
auth_file = ${users}
${looksUpUsers ? 'auth_query = select usename, passwd from pg_shadow where usename = $1' : ''}
`,
  );
  for (const file of [users, config]) chmodSync(file, 0o644);
  // It refuses to run as root.
  const asUser = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
  const child = spawn('pgbouncer', ['-q', ...asUser, config], { stdio: 'ignore' });
  url.port = String(listenPort);
  const connects = async () => {
    const client = new pg.Client(url.href);
    return client.connect().then(
      () => client.end().then(() => true),
      () => false,
    );
  };
  await waitFor(connects, 'PgBouncer accepts connections');
  return { url: url.href, child };
}

test('a node works through PgBouncer in session mode', { skip }, async () => {
  const { url, child } = await startPgBouncer('session');
  const server = await startServer(CONFIG, url);
  const { key } = await newCaller(server.database);
  const responses = await Promise.all(
    Array.from({ length: 50 }, (_, index) => registerWidget(server, key, `widget-${index}`)),
  );
  assert.deepEqual(new Set(responses.map(({ status }) => status)), new Set([201]));
  const rows = await server.database.query("select current_user as role, current_setting('TimeZone') as zone");
  assert.deepEqual(rows, [{ role: 'ihf_app', zone: 'UTC' }]);
  await server.close();
  child.kill();
});

test('a node rejects PgBouncer in transaction mode with the reason', { skip }, async () => {
  const { url, child } = await startPgBouncer('transaction');
  await assert.rejects(startServer(CONFIG, url), /connection pooler in transaction mode/);
  child.kill();
});

test('a PgBouncer that does not know the login of nodes is named, with the remedy', { skip }, async () => {
  const { url, child } = await startPgBouncer('session', false);
  await assert.rejects(
    startServer(CONFIG, url),
    /The connection pooler rejects the login of nodes, ihf_node_.*auth_query/,
  );
  child.kill();
});
