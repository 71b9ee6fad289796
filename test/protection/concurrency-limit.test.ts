import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { type RunningServer, startServer } from '../../server/server.ts';
import { newCaller } from '../support/access.ts';
import { testDatabase } from '../support/database.ts';
import { CONFIG } from '../support/server.ts';
import { pressCtrlC, startProcess } from '../support/server-process.ts';
import { waitFor } from '../support/wait.ts';

const MAX_IN_FLIGHT = 8;

let database: Awaited<ReturnType<typeof testDatabase>>;
let server: RunningServer;
let owner: pg.Client;
let key: string;

before(async () => {
  database = await testDatabase();
  server = await startServer({ ...CONFIG, maxInFlight: MAX_IN_FLIGHT }, database.url);
  ({ key } = await newCaller(server.database));
  owner = new pg.Client(database.url);
  await owner.connect();
});
after(async () => {
  await owner.end();
  await server.close();
  await database.drop();
});

const get = (path: string) => fetch(server.url + path, { headers: { Authorization: `Bearer ${key}` } });

/** Keeps as many requests in flight as the limit allows, until `release` is called. */
async function reachLimit(): Promise<{ release(): Promise<number[]>; finished(): number }> {
  await owner.query('begin');
  await owner.query('lock table hubs in access exclusive mode');
  const held = Array.from({ length: MAX_IN_FLIGHT }, () => get('/api/v2/hubs'));
  let finished = 0;
  for (const response of held) response.finally(() => (finished += 1));
  await waitFor(async () => (await get('/api/v2/me')).status === 503, 'the limit is reached');
  const release = async () => {
    await owner.query('rollback');
    return Promise.all(held.map(async (response) => (await response).status));
  };
  return { release, finished: () => finished };
}

test('beyond the concurrency limit a request gets 503 with Retry-After at once, and requests in flight are served', async () => {
  const { release, finished } = await reachLimit();
  const refused = await get('/api/v2/me');
  assert.equal(refused.status, 503);
  assert.equal(refused.headers.get('retry-after'), '1');
  assert.equal(refused.headers.get('content-type'), 'application/problem+json');
  assert.ok(refused.headers.get('ihf-contract-revision'));
  const problem = (await refused.json()) as { type: string; request_id: string };
  assert.equal(problem.type, 'urn:ihf:problem:unavailable');
  assert.equal(problem.request_id, refused.headers.get('x-request-id'));
  assert.equal(finished(), 0, 'the rejected request did not wait for the others');
  assert.equal((await fetch(`${server.url}/healthz`)).status, 200, 'the liveness probe is exempt from the limit');
  assert.deepEqual(await release(), Array(MAX_IN_FLIGHT).fill(200));
  assert.equal((await get('/api/v2/me')).status, 200);
  await server.requestLog.flush();
  const { rows } = await owner.query(`select distinct problem from api_request_log where status = 503`);
  assert.deepEqual(rows, [{ problem: 'unavailable' }]);
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
        const headers = { Authorization: `Bearer ${key}`, 'X-Request-Id': `${name}-${caller}-${n}` };
        const response = await fetch(`${url}/api/v2/hubs`, { headers });
        await response.arrayBuffer();
        if (response.status === 200) served += 1;
      }
    };
    await Promise.all(Array.from({ length: callers }, ask));
  };
  await crowd('first', MAX_IN_FLIGHT);
  await crowd('full', MAX_IN_FLIGHT);
  await crowd('crowded', 10 * MAX_IN_FLIGHT);
  pressCtrlC(node);
  await node.exited;
  const { rows } = await owner.query<{ phase: string; refused: number; ms: number }>(
    `select split_part(request_id, '-', 1) as phase, count(*) filter (where status = 503)::int as refused,
       percentile_cont(0.5) within group (order by duration_us) filter (where status = 200) / 1000 as ms
     from api_request_log where request_id ~ '^(full|crowded)-' group by 1 order by 1`,
  );
  const [crowded, full] = rows;
  assert.equal(full?.refused, 0);
  assert.ok((crowded?.refused ?? 0) > 100, `${crowded?.refused} were rejected`);
  assert.ok((crowded?.ms ?? 0) < (full?.ms ?? 0) * 5 + 20, `${full?.ms} ms when full, ${crowded?.ms} ms in the crowd`);
});
