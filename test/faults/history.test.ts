import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { type TestServer, testServer } from '../support/server.ts';
import { waitFor } from '../support/wait.ts';

let server: TestServer;
let admin: pg.Client;
let name: string;

before(async () => {
  server = await testServer();
  const url = new URL(server.databaseUrl);
  name = url.pathname.slice(1);
  url.pathname = '/postgres';
  admin = new pg.Client(url.href);
  await admin.connect();
});
after(async () => {
  await server.close();
  for (const part of ['earlier', 'lost']) await admin.query(`drop database if exists ${name}_${part} with (force)`);
  await admin.end();
});

/** Runs `work` while no connection to the database is possible. */
async function withoutConnections(work: () => Promise<void>): Promise<void> {
  await admin.query(`alter database ${name} allow_connections false`);
  await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]);
  const isIdle = async () =>
    (await admin.query('select from pg_stat_activity where datname = $1', [name])).rowCount === 0;
  await waitFor(isIdle, 'all connections are closed');
  await work();
  await admin.query(`alter database ${name} allow_connections true`);
}

/** Keeps a copy of the database as it is now. */
const copy = () =>
  withoutConnections(async () => void (await admin.query(`create database ${name}_earlier template ${name}`)));

/** Replaces the database by the copy, as a failover to a replica that was behind, or a restore. */
const goBack = () =>
  withoutConnections(async () => {
    await admin.query(`alter database ${name} rename to ${name}_lost`);
    await admin.query(`alter database ${name}_earlier rename to ${name}`);
  });

async function changeRegistry(value: string): Promise<void> {
  const db = new pg.Client(server.databaseUrl);
  await db.connect();
  await db.query('insert into event_types (name, label) values ($1, $1)', [value]);
  await db.end();
}

async function currentRevision(): Promise<number> {
  const response = await fetch(`${server.url}/api/v2/openapi.json`);
  if (response.status !== 200) return 0;
  return Number(response.headers.get('ihf-contract-revision'));
}
const isReady = async () => (await fetch(`${server.url}/readyz`)).status === 200;

/** The content of every numbered URL, by URL. */
async function contents(upTo: number): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (let revision = 1; revision <= upTo; revision++) {
    for (const file of ['openapi.json', 'sdk/ihf-client.ts']) {
      const response = await fetch(`${server.url}/api/v2/contract/revisions/${revision}/${file}`);
      const text = await response.text();
      if (response.status === 200) found.set(`${revision}/${file}`, text);
      else assert.equal(response.status, 404);
    }
  }
  return found;
}

async function report(widgetId: string, eventType: string): Promise<number> {
  const body = JSON.stringify({ widget_id: widgetId, event_type: eventType, occurred_at: new Date().toISOString() });
  const headers = { 'Content-Type': 'application/json' };
  return (await server.fetch('/api/v2/interaction-events', { method: 'POST', headers, body })).status;
}

test('after the database went back to an earlier time, a node accepts its values and reuses no revision number', async () => {
  const { data: widget } = await server.api.POST('/api/v2/widgets', {
    body: { key: 'pay', widget_type: 'button', name: 'Pay' },
  });
  await copy();
  await waitFor(isReady, 'the node is ready again');
  const restored = await currentRevision();
  for (const value of ['lost_one', 'lost_two', 'lost_three']) await changeRegistry(value);
  await waitFor(
    async () => (await currentRevision()) === restored + 3,
    'the node serves the revisions that will be lost',
  );
  const served = await contents(restored + 3);

  await goBack();
  const wentBackAt = performance.now();
  await waitFor(isReady, 'the node is ready again');
  await waitFor(async () => (await currentRevision()) === restored, 'the node serves the restored revision');
  // The bound is 5 s. A busy machine needs more for the rest.
  assert.ok(performance.now() - wentBackAt < 8_000);
  assert.equal(await report(widget?.id as string, 'lost_one'), 422);
  assert.equal(await report(widget?.id as string, 'clicked'), 201);

  await changeRegistry('new_one');
  assert.equal(await report(widget?.id as string, 'new_one'), 201);
  assert.equal(await currentRevision(), restored + 4);
  await changeRegistry('new_two');
  assert.equal(await currentRevision(), restored + 5);
  const now = await contents(restored + 5);
  assert.deepEqual([...now.keys()].filter((url) => served.has(url)).length, restored * 2);
  for (const [url, content] of now) assert.equal(content, served.get(url) ?? content, url);
  assert.ok(now.has(`${restored + 4}/openapi.json`));
  assert.ok(!now.has(`${restored + 1}/openapi.json`));
});
