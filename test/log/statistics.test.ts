import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import {
  busiestErrors,
  consumerStatistics,
  operationStatistics,
  trafficOverTime,
} from '../../server/store/request-log/statistics.ts';
import { type TestServer, testServer } from '../support/server.ts';
import { pressCtrlC, startProcess } from '../support/server-process.ts';
import { waitFor } from '../support/wait.ts';

let server: TestServer;
let owner: pg.Client;

before(async () => {
  server = await testServer();
  owner = new pg.Client(server.databaseUrl);
  await owner.connect();
});
after(async () => {
  await owner.end();
  await server.close();
});

/** Selects the differences between a table of counts and the counts computed from the log. */
const countsOf = (table: string, key: string) => `
  with expected as (
    select date_bin('10 minutes', ended_at, 'epoch') as bucket, ${key},
      count(*) filter (where status < 400) as success, count(*) filter (where status = 429) as limited,
      count(*) filter (where status between 400 and 499 and status <> 429) as refused,
      count(*) filter (where status >= 500) as failed, count(*) filter (where status is null) as abandoned,
      (select array_agg((select count(*)::int from unnest(array_agg(ihf_duration_class(duration_us))) as class
        where class = n) order by n) from generate_series(1, 32) as n) as durations,
      max(ended_at) as last_ended_at
    from api_request_log group by 1, 2
  )
  select 'expected' as what, * from (table expected except table ${table}) as one
  union all select 'found', * from (table ${table} except table expected) as one`;

const ERRORS = `
  with expected as (
    select date_bin('10 minutes', ended_at, 'epoch') as bucket, operation, status, problem, count(*) as requests,
      max(ended_at) as last_ended_at
    from api_request_log where status >= 400 group by 1, 2, 3, 4
  )
  select 'expected' as what, * from (table expected except table request_errors) as one
  union all select 'found', * from (table request_errors except table expected) as one`;

test('under load with killed nodes and connections, the counts equal the log exactly', async () => {
  const start = async () => {
    const running = startProcess({ DATABASE_URL: server.databaseUrl });
    await running.waitForOutput('Press Ctrl-C to stop.');
    return { ...running, url: /server +(\S+)/.exec(running.output())?.[1] as string };
  };
  const nodes = [await start(), await start(), await start()];
  const headers = { Authorization: `Bearer ${server.caller.key}` };
  const paths = ['/api/v2/hubs', '/api/v2/widgets?limit=0', '/nowhere', '/api/v2/me'];
  const completed = nodes.map(() => new Set<string>());
  let busy = true;
  const load = nodes.flatMap(({ url }, node) =>
    Array.from({ length: 6 }, async (_, worker) => {
      for (let n = 0; busy; n++) {
        const id = `load-${node}-${worker}-${n}`;
        const anonymous = n % 5 === 0;
        const sent = { 'X-Request-Id': id, ...(!anonymous && headers) };
        const response = await fetch(`${url}${paths[n % paths.length]}`, { headers: sent }).catch(() => undefined);
        if (!response) return; // the node was killed
        await response.arrayBuffer().catch(() => {});
        completed[node]?.add(id);
        await sleep(5);
      }
    }),
  );
  await waitFor(() => (completed[2]?.size ?? 0) > 50, 'the third node responds');
  nodes[2]?.child.kill('SIGKILL');
  for (let round = 0; round < 6; round++) {
    await owner.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and application_name like 'ihf-hub%'`,
    );
    const total = () => (completed[0]?.size ?? 0) + (completed[1]?.size ?? 0);
    const before = total();
    await waitFor(() => total() > before + 50, 'the other nodes respond');
  }
  busy = false;
  await Promise.all(load);
  for (const node of nodes.slice(0, 2)) {
    pressCtrlC(node);
    await node.exited;
  }
  const { rows } = await owner.query<{ request_id: string }>(
    `select request_id from api_request_log where request_id like 'load-%'`,
  );
  const logged = rows.map(({ request_id }) => request_id);
  assert.equal(new Set(logged).size, logged.length, 'no request is in the log twice');
  const missing = [...(completed[0] ?? []), ...(completed[1] ?? [])].filter((id) => !logged.includes(id));
  assert.deepEqual(missing, [], 'every request of a node that was stopped gracefully is in the log');
  assert.ok(logged.some((id) => id.startsWith('load-2')) && logged.length > 200, `${logged.length} rows`);
  await server.requestLog.flush();
  const queries = [
    countsOf('request_counts_by_consumer', 'consumer_id'),
    countsOf('request_counts_by_operation', 'operation'),
    ERRORS,
  ];
  for (const query of queries) assert.deepEqual((await owner.query(query)).rows, []);
});

test('the last 24 hours: requests, error rate, percentiles and last seen, by consumer and by operation', async () => {
  const consumer = (await server.anotherCaller()).consumerId;
  // Uniformly from 1 ms to 1 s; every tenth request is rejected.
  await owner.query(
    `insert into api_request_log (id, consumer_id, operation, method, status, problem, duration_us, bytes_in, bytes_out,
       request_id, revision)
     select ihf_uuidv7_at(now() - (n % 60) * interval '1 second'), $1,
       (select id from api_operations where name = 'diffContractRevisions'), 'GET',
       case when n % 10 = 0 then 422 else 200 end, case when n % 10 = 0 then 'invalid-request' end,
       n * 1000, 1, 1, 'sample', 1 from generate_series(1, 1000) as n`,
    [consumer],
  );
  const near = (value: number, expected: number) => assert.ok(Math.abs(value / expected - 1) < 0.2, `${value}`);
  const ofConsumer = (await consumerStatistics(server.database, 100)).find(
    ({ consumer_id }) => consumer_id === consumer,
  );
  const ofOperation = (await operationStatistics(server.database)).operations.find(
    (one) => one.operation === 'diffContractRevisions',
  );
  assert.equal(ofOperation?.path, '/api/v2/contract/diff');
  assert.ok(ofConsumer?.name && ofConsumer.hub);
  for (const figures of [ofConsumer, ofOperation]) {
    assert.equal(figures?.requests, 1000);
    assert.equal(figures.error_rate, 0.1);
    near(figures.p50_ms, 500);
    near(figures.p95_ms, 950);
    assert.ok(Date.now() - Date.parse(figures.last_ended_at) < 60_000);
  }
  const errors = await busiestErrors(server.database, 50);
  const busiest = errors.find(({ operation }) => operation === 'diffContractRevisions');
  assert.deepEqual([busiest?.status, busiest?.problem, busiest?.requests], [422, 'invalid-request', 100]);
  const buckets = await trafficOverTime(server.database);
  const rejected = buckets.reduce((sum, bucket) => sum + bucket.rejected, 0);
  assert.ok(rejected >= 100);
  const { rows } = await owner.query('select count(*)::int as all from api_request_log');
  const counted = buckets.reduce((sum, b) => sum + b.success + b.limited + b.rejected + b.failed + b.abandoned, 0);
  assert.equal(counted, rows[0].all, 'every row is in a bucket');
});
