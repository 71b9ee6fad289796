import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { type RunningServer, startServer } from '../../server/server.ts';
import { openDatabase } from '../../server/store/database/database.ts';
import { type Caller, newCaller } from '../support/access.ts';
import { testDatabase } from '../support/database.ts';
import { CONFIG } from '../support/server.ts';
import { waitFor } from '../support/wait.ts';
import { type HalfOpenProxy, startHalfOpenProxy } from './half-open-proxy.ts';
import {
  assertAnswered,
  expectRecovery,
  isReady,
  RECOVERY,
  registerWidget,
  type Timed,
  timedRequest,
} from './recovery.ts';

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

const register = (widgetKey: string) => registerWidget(server, caller.key, widgetKey);
const ready = () => waitFor(() => isReady(server), 'the node is ready again', RECOVERY);

test('a node whose connections carry nothing answers in 5 s, and serves again in 10 s over new ones', () =>
  expectRecovery(server, caller.key, () => proxy.swallow()));

test('closing a node ends while no connection carries anything', async () => {
  const node = await startServer(CONFIG, proxy.url);
  proxy.swallow();
  const began = performance.now();
  await node.close();
  assert.ok(performance.now() - began < 13_000, `${Math.round(performance.now() - began)} ms`);
});

test('while new connections are silent too, requests that arrive at any time get 503 in 5 s, and the node recovers in 10 s', async () => {
  await ready();
  proxy.swallowAll();
  const responses: Promise<Timed>[] = [];
  const end = performance.now() + 12_000;
  while (performance.now() < end) {
    responses.push(register(`silent-${responses.length}`), timedRequest(`${server.url}/readyz`));
    await sleep(200);
  }
  const all = await Promise.all(responses);
  assertAnswered(all);
  assert.ok(all.every(({ status }) => status === 503));
  proxy.restore();
  await ready();
  assert.equal((await register('recovered')).status, 201);
});

test('a request that was answered because the database is silent leaves its keep-alive connection usable', async () => {
  const agent = new Agent({ connections: 1 });
  const get = () => request(`${server.url}/readyz`, { dispatcher: agent });
  proxy.swallowAll();
  const silent = await get();
  assert.equal(silent.statusCode, 503);
  await silent.body.dump();
  proxy.restore();
  await ready();
  const later = await get();
  assert.equal(later.statusCode, 200);
  await later.body.dump();
  await agent.close();
});
