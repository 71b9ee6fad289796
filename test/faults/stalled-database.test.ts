import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type RunningServer, startServer } from '../../server/server.ts';
import { openDatabase } from '../../server/store/database/database.ts';
import { type Caller, newCaller } from '../support/access.ts';
import { testDatabase } from '../support/database.ts';
import { CONFIG } from '../support/server.ts';
import { waitFor } from '../support/wait.ts';
import { type HalfOpenProxy, startHalfOpenProxy } from './half-open-proxy.ts';

let database: Awaited<ReturnType<typeof testDatabase>>;
let proxy: HalfOpenProxy;
let server: RunningServer;
let caller: Caller;

before(async () => {
  database = await testDatabase();
  const db = openDatabase(database.url);
  caller = await newCaller(db);
  await db.close();
  proxy = await startHalfOpenProxy(database.url);
  server = await startServer(CONFIG, proxy.url);
});
after(async () => {
  await server.close();
  proxy.close();
  await database.drop();
});

async function registerWidget(key: string): Promise<{ status: number; ms: number; retryAfter: string | null }> {
  const began = performance.now();
  const response = await fetch(`${server.url}/api/v2/widgets`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${caller.key}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ key, widget_type: 'button', name: 'Pay' }),
  });
  await response.arrayBuffer();
  return { status: response.status, ms: performance.now() - began, retryAfter: response.headers.get('retry-after') };
}

/** The bound is 5 s. A busy machine needs more for the rest of a request. */
const BOUND_MS = 8_000;

test('while every connection to the database is silent, requests are answered, and over new connections they succeed', async () => {
  assert.equal((await registerWidget('before')).status, 201);
  proxy.swallow();
  const during = await Promise.all(Array.from({ length: 30 }, (_, index) => registerWidget(`during-${index}`)));
  for (const { status, ms, retryAfter } of during) {
    assert.ok(status === 201 || (status === 503 && retryAfter !== null), `status ${status}`);
    assert.ok(ms < BOUND_MS, `${Math.round(ms)} ms`);
  }
  let attempts = 0;
  await waitFor(
    async () => (await registerWidget(`after-${attempts++}`)).status === 201,
    'a widget is registered again',
  );
  await waitFor(async () => (await fetch(`${server.url}/readyz`)).status === 200, 'the node is ready again');
});

test('readiness is answered while the database is silent', async () => {
  proxy.swallow();
  const began = performance.now();
  const response = await fetch(`${server.url}/readyz`);
  await response.arrayBuffer();
  assert.ok([200, 503].includes(response.status));
  assert.ok(performance.now() - began < BOUND_MS);
  await waitFor(async () => (await fetch(`${server.url}/readyz`)).status === 200, 'the node is ready again');
});

test('closing a node ends although its connections are silent', async () => {
  const node = await startServer(CONFIG, proxy.url);
  proxy.swallow();
  const began = performance.now();
  await node.close();
  assert.ok(performance.now() - began < 15_000, `${Math.round(performance.now() - began)} ms`);
});
