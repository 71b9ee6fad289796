import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { setConsumerLimits } from '../../server/store/access/consumers.ts';
import { openDatabase } from '../../server/store/database/database.ts';
import { type Caller, newCaller } from '../support/access.ts';
import { testDatabase } from '../support/database.ts';
import { startDatabaseProxy } from '../support/database-proxy.ts';
import { startEventLoad } from '../support/event-load.ts';
import { apiOf, createWidget } from '../support/server.ts';
import { type ServerProcess, startProcess } from '../support/server-process.ts';
import { waitFor } from '../support/wait.ts';
import { startHalfOpenProxy } from './half-open-proxy.ts';

/** Within it a stop must end, with some time for a busy machine. */
const STOP_LIMIT_MS = 20_000;

let database: Awaited<ReturnType<typeof testDatabase>>;
let owner: pg.Client;
let caller: Caller;

before(async () => {
  database = await testDatabase();
  owner = new pg.Client(database.url);
  await owner.connect();
  const db = openDatabase(database.url);
  caller = await newCaller(db);
  await setConsumerLimits(db, caller.hubId, caller.consumerId, { rate_per_minute: 1_000_000 });
  await db.close();
});
after(async () => {
  await owner.end();
  await database.drop();
});

async function startNode(databaseUrl: string, environment: Record<string, string> = {}) {
  const node = startProcess({ DATABASE_URL: databaseUrl, IHF_SHUTDOWN_DELAY: '1', ...environment });
  await node.waitForOutput('Ctrl-C');
  const { url } = await node.waitForLog('listening');
  return { node, url: String(url) };
}

/** Sends SIGTERM and waits until the process has exited; returns its exit code. */
async function terminate(node: ServerProcess): Promise<number | null> {
  const began = performance.now();
  node.child.kill('SIGTERM');
  const code = await node.exited;
  assert.ok(performance.now() - began < STOP_LIMIT_MS, 'the process exits in time');
  assert.doesNotMatch(node.output(), /unhandled/i);
  return code;
}

for (const processes of [1, 2])
  test(`SIGTERM under 64 busy keep-alive connections to ${processes} processes resets none and leaves no stored event unanswered`, async () => {
    const { node, url } = await startNode(database.url, { IHF_PROCESSES: String(processes) });
    const { widgetId } = await createWidget(apiOf(url, caller.key));
    const load = startEventLoad({ url, key: caller.key, widgetId, connections: 64, reconnect: false });
    await waitFor(() => load.acknowledged.length > 1_000, 'the server is under load');
    const code = await terminate(node);
    load.stop();
    await load.ended;
    assert.equal(code, 0, node.output());
    assert.deepEqual(load.failures, []);
    assert.equal(load.closed, 64, 'every connection ended with Connection: close');
    const { rows } = await owner.query('select actor_id from interaction_events where widget_id = $1', [widgetId]);
    assert.deepEqual(rows.map(({ actor_id }) => actor_id).sort(), load.acknowledged.sort());
  });

test('after SIGTERM the node is not ready, but serves requests until the shutdown delay has passed', async () => {
  const { node, url } = await startNode(database.url);
  node.child.kill('SIGTERM');
  await node.waitForLog('stopping');
  const ready = await fetch(`${url}/readyz`);
  assert.equal(ready.status, 503);
  assert.equal(ready.headers.get('connection'), 'close');
  assert.match(await ready.text(), /This node is about to stop\. Use another node\./);
  const served = await fetch(`${url}/api/v2/hubs`, { headers: { Authorization: `Bearer ${caller.key}` } });
  assert.equal(served.status, 200);
  assert.equal(await node.exited, 0);
});

test('a request in flight at SIGTERM is completed', async () => {
  const { node, url } = await startNode(database.url, { IHF_SHUTDOWN_DELAY: '0' });
  await owner.query('begin');
  await owner.query('lock table hubs in access exclusive mode');
  const held = fetch(`${url}/api/v2/hubs`, { headers: { Authorization: `Bearer ${caller.key}` } });
  const isWaiting = async () =>
    (await owner.query(`select from pg_locks where not granted and relation = 'hubs'::regclass`)).rowCount === 1;
  await waitFor(isWaiting, 'the request waits for the table');
  node.child.kill('SIGTERM');
  await node.waitForLog('stopping');
  // The listener has closed.
  await waitFor(
    () =>
      fetch(`${url}/healthz`).then(
        () => false,
        () => true,
      ),
    'no new connection is accepted',
  );
  await owner.query('rollback');
  assert.equal((await held).status, 200);
  assert.equal(await node.exited, 0);
});

test('SIGTERM with the database away ends the process in time, without an unhandled rejection', async () => {
  const proxy = await startDatabaseProxy(database.url);
  const { node, url } = await startNode(proxy.url);
  assert.equal((await fetch(`${url}/readyz`)).status, 200);
  await proxy.disconnect();
  // Rows for the log that cannot be written.
  await fetch(`${url}/api/v2/hubs`, { headers: { Authorization: `Bearer ${caller.key}` } });
  assert.equal(await terminate(node), 0, node.output());
});

test('SIGTERM with connections to the database that carry nothing any more ends the process in time', async () => {
  const proxy = await startHalfOpenProxy(database.url);
  const { node, url } = await startNode(proxy.url);
  assert.equal((await fetch(`${url}/readyz`)).status, 200);
  proxy.swallow();
  const held = fetch(`${url}/api/v2/hubs`, { headers: { Authorization: `Bearer ${caller.key}` } }).then(
    ({ status }) => status,
    () => 'reset',
  );
  assert.equal(await terminate(node), 0, node.output());
  assert.notEqual(await held, 200);
  proxy.close();
});

test('SIGTERM with a read-only database ends the process in time, without an unhandled rejection', async () => {
  const { node, url } = await startNode(database.url);
  const { rows } = await owner.query('select current_database() as name');
  const setReadOnly = (value: string) =>
    owner.query(`alter database ${rows[0].name} set default_transaction_read_only = ${value}`);
  await setReadOnly('on');
  await owner.query(`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`);
  await fetch(`${url}/api/v2/hubs`, { headers: { Authorization: `Bearer ${caller.key}` } });
  assert.equal(await terminate(node), 0, node.output());
  await setReadOnly('off');
});
