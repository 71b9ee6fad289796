import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent } from 'node:http';
import { connect, type Socket } from 'node:net';
import { resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { setConsumerLimits } from '../../server/store/access/consumers.ts';
import { openDatabase } from '../../server/store/database/database.ts';
import { type Caller, newCaller } from '../support/access.ts';
import { testDatabase } from '../support/database.ts';
import { apiOf, createWidget } from '../support/server.ts';
import { type ServerProcess, startProcess } from '../support/server-process.ts';
import { waitFor } from '../support/wait.ts';
import type { FloodResult } from './flood-process.ts';
import { send } from './send.ts';

// The flood comes from other IP addresses than the caller. Only Linux has more than one on loopback by default.
const options = { skip: process.platform !== 'linux' && 'needs several loopback addresses' };
const CALLER = '127.0.0.1';
const FLOOD = resolve(import.meta.dirname, 'flood-process.js');

const REQUESTS = 1_500;
const WORKERS = 4;

let database: Awaited<ReturnType<typeof testDatabase>>;
let node: ServerProcess;
let port: number;
let caller: Caller;
let widgetId: string;

before(async () => {
  database = await testDatabase();
  const db = openDatabase(database.url);
  caller = await newCaller(db);
  await setConsumerLimits(db, caller.hubId, caller.consumerId, { rate_per_minute: 1_000_000 });
  await db.close();
  node = startProcess({ DATABASE_URL: database.url, IHF_SHUTDOWN_DELAY: '0' });
  const { url } = await node.waitForLog('listening');
  port = Number(new URL(String(url)).port);
  ({ widgetId } = await createWidget(apiOf(String(url), caller.key)));
});
after(async () => {
  node.child.kill('SIGTERM');
  await node.exited;
  await database.drop();
});

/** Creates events and returns the 99th percentile of the duration in milliseconds, and all statuses but 201. */
async function callerAtWork(): Promise<{ p99: number; failures: string[] }> {
  const durations: number[] = [];
  const failures: string[] = [];
  const headers = { Authorization: `Bearer ${caller.key}`, 'Content-Type': 'application/json' };
  const body = JSON.stringify({ widget_id: widgetId, event_type: 'clicked' });
  const work = async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (durations.length < REQUESTS) {
      const began = performance.now();
      const status = await send({ ip: CALLER, port, agent }, 'POST', '/api/v2/interaction-events', headers, body).then(
        (result) => result.status,
        ({ code }) => code,
      );
      durations.push(performance.now() - began);
      if (status !== 201) failures.push(String(status));
    }
    agent.destroy();
  };
  await Promise.all(Array.from({ length: WORKERS }, work));
  durations.sort((a, b) => a - b);
  return { p99: durations[Math.floor(durations.length * 0.99)] ?? 0, failures };
}

/** Starts the flood in a process of its own: in this one it would delay the caller too. */
async function startFlood(): Promise<{ postForms(): Promise<FloodResult>; end(): Promise<unknown> }> {
  const child = fork(FLOOD, [String(port)]);
  await once(child, 'message');
  return {
    postForms: async () => {
      child.send('forms');
      return (await once(child, 'message'))[0];
    },
    end: () => {
      child.send('end');
      return once(child, 'exit');
    },
  };
}

test(
  'beside half-sent bodies, bogus joins, wrong passwords and idle connections a caller loses no request and its p99 at most triples',
  options,
  async () => {
    await callerAtWork();
    const alone = [await callerAtWork(), await callerAtWork()];
    const flood = await startFlood();
    const beside = [];
    for (const round of [1, 2]) {
      const [work, { occupied, joins, signIns }] = await Promise.all([callerAtWork(), flood.postForms()]);
      beside.push(work);
      assert.deepEqual(work.failures, []);
      assert.ok(occupied > 2_500, `${occupied} connections of the flood are open`);
      assert.deepEqual(joins, { 410: 200 }, 'bogus links are looked up');
      assert.equal((signIns[401] ?? 0) + (signIns[429] ?? 0), 200);
      assert.ok((signIns[401] ?? 0) <= 10, `ten attempts are checked, also in round ${round}`);
      for (const path of ['/healthz', '/readyz']) {
        assert.equal((await send({ ip: CALLER, port }, 'GET', path, {})).status, 200, path);
      }
    }
    await flood.end();
    // Measured twice each, because other tests use the same machine; the flood itself needs a core of it.
    const [before, during] = [alone, beside].map((rounds) => Math.min(...rounds.map(({ p99 }) => p99))) as [
      number,
      number,
    ];
    assert.ok(during < 3 * before + 50, `${before} ms alone, ${during} ms beside the flood`);
  },
);

test('a body that arrives too slowly ends after seconds with 408', options, async () => {
  const socket = connect({ host: CALLER, port, localAddress: '127.0.0.7' });
  socket.write('POST /api/v2/token HTTP/1.1\r\nHost: server\r\nContent-Length: 100000\r\n\r\nx');
  const drip = setInterval(() => socket.writable && socket.write('x'), 200);
  let result = '';
  socket.on('data', (data) => (result += data));
  socket.on('error', () => {});
  const began = performance.now();
  await new Promise((resolve) => socket.once('close', resolve));
  clearInterval(drip);
  assert.match(result, /^HTTP\/1\.1 408 /);
  assert.ok(performance.now() - began < 30_000);
});

test('one IP address has at most a quarter of the connections; another one is accepted', options, async () => {
  const small = startProcess({ DATABASE_URL: database.url, IHF_MAX_CONNECTIONS: '40', IHF_SHUTDOWN_DELAY: '0' });
  const { url } = await small.waitForLog('listening');
  const sockets: Socket[] = [];
  let closed = 0;
  for (let index = 0; index < 30; index++) {
    const socket = connect({ host: CALLER, port: Number(new URL(String(url)).port), localAddress: '127.0.0.2' });
    socket.on('error', () => {});
    socket.on('close', () => (closed += 1));
    sockets.push(socket);
  }
  await waitFor(() => closed === 20, 'those beyond the share are closed');
  assert.equal((await fetch(`${url}/healthz`)).status, 200);
  for (const socket of sockets) socket.destroy();
  small.child.kill('SIGTERM');
  assert.equal(await small.exited, 0);
});
