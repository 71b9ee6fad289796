// The statistics of the last 24 hours, and how long each takes to read, with ten million rows in the log. The rows come
// through the log's own trigger, so that the counts are what they would be.
// node dist/bench/statistics.js [rows]
import pg from 'pg';
import { MIGRATIONS } from '../server/sources.ts';
import { openDatabase } from '../server/store/database.ts';
import { migrate } from '../server/store/migrate.ts';
import {
  busiestErrors,
  consumerStatistics,
  operationStatistics,
  overallStatistics,
  trafficOverTime,
} from '../server/store/statistics.ts';
import { benchPostgres, median, percentile } from './support.ts';

const ROWS = Number(process.argv[2] ?? 10_000_000);
const CHUNK = 500_000;
const CONSUMERS = 100;
const OPERATIONS = 40;
const READS = 30;

const postgres = await benchPostgres();
await migrate(postgres.url, MIGRATIONS);
const admin = new pg.Client(postgres.url);
await admin.connect();
await admin.query(`insert into hubs (slug, name) values ('bench', 'Bench')`);
await admin.query(
  `insert into api_consumers (hub_id, name) select id, 'consumer ' || n from hubs, generate_series(1, $1) as n`,
  [CONSUMERS],
);
await admin.query(
  `insert into api_operations (name, method, path)
   select 'operation' || n, 'get', '/operations/' || n from generate_series(1, $1) as n`,
  [OPERATIONS],
);

// All of it in the last 24 hours, which is the hardest: busy consumers and quiet ones, durations from 1 ms to seconds.
const began = performance.now();
for (let done = 0; done < ROWS; done += CHUNK) {
  await admin.query(
    `insert into api_request_log (id, consumer_id, key_prefix, operation, method, status, duration_us, bytes_in,
       bytes_out, request_id, revision, sdk, sdk_revision, problem)
     select ihf_uuidv7_at(now() - interval '1 day' * ($1::int + n) / $3::int), consumers[1 + floor($4::int * random() ^ 2)::int],
       'ihf_live_abcdef', operations[1 + floor($5::int * random() ^ 2)::int], 'GET', status,
       (1000 * exp(2 + random_normal))::int, 400, 900, 'request-' || n, 1, 'typescript', 1,
       case status when 422 then 'invalid-request' when 429 then 'too-many-requests'
         when 500 then 'internal-error' end
     from generate_series(1, least($2::int, $3::int - $1::int)) as n,
       lateral (select case when n % 50 = 0 then 422 when n % 70 = 0 then 429 when n % 900 = 0 then 500
         else 200 end::smallint as status, (random() + random() + random() + random() - 2) * 1.7 as random_normal) as drawn,
       (select array_agg(id) as consumers from api_consumers) as known_consumers,
       (select array_agg(id) as operations from api_operations) as known_operations`,
    [done, CHUNK, ROWS, CONSUMERS, OPERATIONS],
  );
}
await admin.query('vacuum analyze');
const { rows } = await admin.query(
  `select (select count(*)::int from api_request_log) as log,
     (select count(*)::int from request_counts_by_consumer) as by_consumer,
     (select count(*)::int from request_counts_by_operation) as by_operation,
     (select sum(success + limited + refused + failed + abandoned)::int from request_counts_by_operation) as counted,
     (select round(sum(pg_total_relation_size(relid)) / 1e6) from pg_partition_tree('api_request_log')) as megabytes`,
);
const seconds = (performance.now() - began) / 1000;
console.log(`${rows[0].log} rows (${rows[0].megabytes} MB), ${rows[0].counted} counted, in ${seconds.toFixed(0)} s`);
console.log(`${rows[0].by_consumer} counts by consumer, ${rows[0].by_operation} by operation`);

const db = openDatabase(postgres.url, { connections: 1 });
const reads = { overallStatistics, consumerStatistics, operationStatistics, trafficOverTime, busiestErrors };
for (const [name, read] of Object.entries(reads)) {
  const times: number[] = [];
  for (let n = 0; n < READS; n++) {
    const start = performance.now();
    await read(db, 20);
    times.push(performance.now() - start);
  }
  console.log(`${name}: ${median(times).toFixed(1)} ms, p95 ${percentile(times, 0.95).toFixed(1)} ms`);
}
await db.close();
await admin.end();
await postgres.stop();
