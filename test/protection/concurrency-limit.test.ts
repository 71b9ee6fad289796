import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, afterEach, before, test } from 'node:test';
import pg from 'pg';
import { readTrustProxy } from '../../server/http/trust-proxy.ts';
import { type RunningServer, startServer } from '../../server/server.ts';
import { newCaller } from '../support/access.ts';
import { testDatabase } from '../support/database.ts';
import { CONFIG } from '../support/server.ts';
import { pressCtrlC, startProcess } from '../support/server-process.ts';
import { waitFor } from '../support/wait.ts';
import { write } from './raw-request.ts';

const MAX_IN_FLIGHT = 8;
const SHARE = MAX_IN_FLIGHT / 2;

let database: Awaited<ReturnType<typeof testDatabase>>;
let server: RunningServer;
let owner: pg.Client;
/** Of three consumers. */
const keys: string[] = [];

before(async () => {
  database = await testDatabase();
  const trustProxy = readTrustProxy('loopback');
  server = await startServer({ ...CONFIG, maxInFlight: MAX_IN_FLIGHT, trustProxy }, database.url);
  for (const index of [0, 1, 2]) keys[index] = (await newCaller(server.database)).key;
  owner = new pg.Client(database.url);
  await owner.connect();
});
// A failed test must not leave the others waiting.
afterEach(() => owner.query('rollback'));
after(async () => {
  await owner.end();
  await server.close();
  await database.drop();
});

/** A request of one of the consumers, each from an IP address of its own unless another is given. */
const get = (path: string, consumer = 2, ip = `192.0.2.${consumer}`) =>
  fetch(server.url + path, { headers: { Authorization: `Bearer ${keys[consumer]}`, 'X-Forwarded-For': ip } });

/** Keeps requests in flight, one per element: the request of that consumer. `release` completes them. */
async function hold(
  consumers: readonly number[],
  isReached: () => Promise<boolean>,
): Promise<{ release(): Promise<number[]>; finished(): number }> {
  await owner.query('begin');
  await owner.query('lock table hubs in access exclusive mode');
  const held = consumers.map((consumer) => get('/api/v2/hubs', consumer));
  let finished = 0;
  for (const response of held) response.finally(() => (finished += 1));
  await waitFor(isReached, 'the limit is reached');
  const release = async () => {
    await owner.query('rollback');
    return Promise.all(held.map(async (response) => (await response).status));
  };
  return { release, finished: () => finished };
}

test('beyond the concurrency limit a request gets 503 with Retry-After at once, and requests in flight are served', async () => {
  const isReached = async () => (await get('/api/v2/me')).status === 503;
  const { release, finished } = await hold([...Array(SHARE).fill(0), ...Array(SHARE).fill(1)], isReached);
  const refused = await get('/api/v2/me');
  assert.equal(refused.status, 503);
  assert.equal(refused.headers.get('retry-after'), '1');
  assert.equal(refused.headers.get('content-type'), 'application/problem+json');
  assert.ok(refused.headers.get('ihf-contract-revision'));
  const problem = (await refused.json()) as { type: string; request_id: string };
  assert.equal(problem.type, 'urn:ihf:problem:unavailable');
  assert.equal(problem.request_id, refused.headers.get('x-request-id'));
  assert.equal(finished(), 0, 'the rejected request did not wait for the others');
  for (const path of ['/healthz', '/readyz']) assert.equal((await fetch(server.url + path)).status, 200, path);
  assert.deepEqual(await release(), Array(MAX_IN_FLIGHT).fill(200));
  assert.equal((await get('/api/v2/me')).status, 200);
  await server.requestLog.flush();
  const { rows } = await owner.query(`select distinct problem from api_request_log where status = 503`);
  assert.deepEqual(rows, [{ problem: 'unavailable' }]);
});

test('one consumer and one IP address get at most half of the slots; others are served', async () => {
  const statuses = async () => [
    (await get('/api/v2/widgets', 0)).status,
    (await get('/api/v2/widgets', 0, '192.0.2.9')).status,
    (await get('/api/v2/widgets', 1, '192.0.2.0')).status,
    (await get('/api/v2/widgets', 1)).status,
  ];
  const isReached = async () => (await get('/api/v2/widgets', 0)).status === 429;
  const { release } = await hold(Array(SHARE).fill(0), isReached);
  assert.deepEqual(await statuses(), [429, 429, 429, 200]);
  const refused = await get('/api/v2/widgets', 0, '192.0.2.9');
  assert.equal(refused.headers.get('retry-after'), '1');
  assert.match(await refused.text(), /processing 4 requests of the consumer, the most at a time\. Retry in 1 s\./);
  assert.deepEqual(await release(), Array(SHARE).fill(200));
  assert.deepEqual(await statuses(), [200, 200, 200, 200]);
});

test('requests whose bodies have not arrived occupy no slots', async () => {
  const { hostname, port } = new URL(server.url);
  const head = `POST /api/v2/token HTTP/1.1\r\nHost: server\r\nContent-Length: 10\r\n\r\nx`;
  const sockets = Array.from({ length: 5 * MAX_IN_FLIGHT }, () => connect(Number(port), hostname));
  await Promise.all(sockets.map((socket) => write(socket, head)));
  for (let round = 0; round < 20; round++) assert.equal((await get('/api/v2/me')).status, 200);
  for (const socket of sockets) socket.destroy();
});

test('while many requests are rejected, accepted ones keep their latency', async () => {
  // In a process of its own, which also measures the latency: this process is busy sending requests.
  const node = startProcess({ DATABASE_URL: database.url, IHF_MAX_IN_FLIGHT: String(MAX_IN_FLIGHT) });
  await node.waitForOutput('Press Ctrl-C to stop.');
  const url = /server +(\S+)/.exec(node.output())?.[1];
  const crowd = async (name: string, callers: number) => {
    let served = 0;
    const ask = async (_: unknown, caller: number) => {
      for (let n = 0; served < 500; n++) {
        const headers = { Authorization: `Bearer ${keys[0]}`, 'X-Request-Id': `${name}-${caller}-${n}` };
        const response = await fetch(`${url}/api/v2/hubs`, { headers });
        await response.arrayBuffer();
        if (response.status === 200) served += 1;
      }
    };
    await Promise.all(Array.from({ length: callers }, ask));
  };
  await crowd('first', SHARE);
  await crowd('full', SHARE);
  await crowd('crowded', 10 * MAX_IN_FLIGHT);
  pressCtrlC(node);
  await node.exited;
  const { rows } = await owner.query<{ phase: string; refused: number; ms: number }>(
    `select split_part(request_id, '-', 1) as phase, count(*) filter (where status in (429, 503))::int as refused,
       percentile_cont(0.5) within group (order by duration_us) filter (where status = 200) / 1000 as ms
     from api_request_log where request_id ~ '^(full|crowded)-' group by 1 order by 1`,
  );
  const [crowded, full] = rows;
  assert.equal(full?.refused, 0);
  assert.ok((crowded?.refused ?? 0) > 100, `${crowded?.refused} were rejected`);
  assert.ok((crowded?.ms ?? 0) < (full?.ms ?? 0) * 5 + 20, `${full?.ms} ms when full, ${crowded?.ms} ms in the crowd`);
});
