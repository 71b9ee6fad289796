// The time to read the statistics of the last 24 hours with ten million rows in the log.
// node dist/bench/statistics.js [rows]
import pg from 'pg';
import { MIGRATIONS } from '../server/project-files.ts';
import { openDatabase } from '../server/store/database/database.ts';
import { migrate } from '../server/store/database/migrate.ts';
import {
  busiestErrors,
  consumerStatistics,
  operationStatistics,
  trafficOverTime,
} from '../server/store/request-log/statistics.ts';
import { fillRequestLog } from './fill-request-log.ts';
import { benchPostgres, median, percentile, scaled } from './support.ts';

const ROWS = Number(process.argv[2] ?? scaled(10_000_000, 20_000));
const CONSUMERS = 100;
const OPERATIONS = 40;
const READS = scaled(30, 2);

const postgres = await benchPostgres();
await migrate(postgres.url, MIGRATIONS);
const admin = new pg.Client(postgres.url);
await admin.connect();
const began = performance.now();
await fillRequestLog(admin, { rows: ROWS, consumers: CONSUMERS, operations: OPERATIONS });
await admin.query('vacuum analyze');
const { rows } = await admin.query(
  `select (select count(*)::int from api_request_log) as log,
     (select count(*)::int from request_counts_by_consumer) as by_consumer,
     (select count(*)::int from request_counts_by_operation) as by_operation,
     (select sum(success + limited + rejected + failed + abandoned)::int from request_counts_by_operation) as counted,
     (select round(sum(pg_total_relation_size(relid)) / 1e6) from pg_partition_tree('api_request_log')) as megabytes`,
);
const seconds = (performance.now() - began) / 1000;
console.log(`${rows[0].log} rows (${rows[0].megabytes} MB), ${rows[0].counted} counted, in ${seconds.toFixed(0)} s`);
console.log(`${rows[0].by_consumer} counts by consumer, ${rows[0].by_operation} by operation`);

const db = openDatabase(postgres.url, { connections: 1 });
const reads = { consumerStatistics, operationStatistics, trafficOverTime, busiestErrors };
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
