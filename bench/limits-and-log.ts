// The cost of limits, request log, counts and metrics per request, compared with the same server without them in
// alternating rounds, and the number of SQL statements per admitted and per denied request.
// node dist/bench/limits-and-log.js
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import autocannon from 'autocannon';
import pg from 'pg';
import { DEFAULT_MAX_IN_FLIGHT } from '../server/http/concurrency-limit.ts';
import { DEFAULT_MAX_CONNECTIONS } from '../server/http/http-server/connection-limit.ts';
import { TRUST_NO_PROXY } from '../server/http/trust-proxy.ts';
import { OBSERVABILITY_DEFAULTS } from '../server/observability/settings.ts';
import { startServer as startServerHere } from '../server/server.ts';
import {
  benchCaller,
  benchPostgres,
  jsonHeaders,
  type LoadFigures,
  measureEventPosts,
  median,
  parentOf,
  type ServerProcess,
  scaled,
  startServer,
} from './support.ts';

const ROUNDS = Number(process.argv[2] ?? scaled(5, 1));
const SECONDS = scaled(4, 1);
const CONNECTIONS = process.env.IHF_BENCH_SMOKE ? [4] : [16, 64];

process.env.IHF_METRICS_TOKEN = 'bench';
// The server without limits delivers no webhooks either.
process.env.IHF_WEBHOOK_WORKER = 'off';
const postgres = await benchPostgres();
const on = await startServer(postgres.url);
const caller = await benchCaller(postgres.url);
const off = await startServer(postgres.url, resolve(import.meta.dirname, 'without-limits-and-log.js'));
const admin = new pg.Client(postgres.url);
await admin.connect();
await admin.query('update api_consumers set rate_per_minute = 2000000000, daily_quota = 2000000000');
const backend = await admin.query('select pg_backend_pid() as pid');
const postmaster = parentOf(backend.rows[0].pid);
const body = JSON.stringify({ widget_id: caller.widgetId, event_type: 'clicked' });

const measure = (server: ServerProcess, connections: number) =>
  measureEventPosts(server, { caller, body, connections, seconds: SECONDS, postmaster, settle: 500 });

for (const connections of CONNECTIONS) {
  const all = { on: [] as LoadFigures[], off: [] as LoadFigures[] };
  for (let round = 0; round <= ROUNDS; round++) {
    // Each goes first in every second round, so that other load on the machine favors neither.
    for (const name of round % 2 ? (['on', 'off'] as const) : (['off', 'on'] as const)) {
      const figures = await measure(name === 'on' ? on : off, connections);
      if (round > 0) all[name].push(figures); // the first round is a warm-up
    }
  }
  const of = (name: 'on' | 'off', key: keyof LoadFigures) => median(all[name].map((figures) => figures[key]));
  for (const name of ['on', 'off'] as const) {
    const [node, database] = [of(name, 'nodeMicros').toFixed(0), of(name, 'postgresMicros').toFixed(0)];
    console.log(
      `${connections} connections, limits and log ${name}: ${of(name, 'perSecond').toFixed(0)} requests/s, ` +
        `CPU ${node} µs node + ${database} µs Postgres, p50 ${of(name, 'p50')} ms, p99 ${of(name, 'p99')} ms`,
    );
  }
  const ratio = (key: keyof LoadFigures) => median(all.on.map((one, round) => one[key] / (all.off[round]?.[key] ?? 1)));
  console.log(
    `${connections} connections: on / off = ${ratio('perSecond').toFixed(3)} in requests per second, ` +
      `${ratio('nodeMicros').toFixed(3)} in CPU of node, ${ratio('postgresMicros').toFixed(3)} in CPU of Postgres`,
  );
}
const metrics = await fetch(`${on.url}/metrics`, { headers: { Authorization: 'Bearer bench' } });
console.log(/ihf_request_log_rows_total\{result="dropped"\} \d+/.exec(await metrics.text())?.[0]);
await Promise.all([on.stop(), off.stop()]);

// Counts every statement of a server in this process where the driver sends it.
let statements = 0;
const query = pg.Client.prototype.query;
pg.Client.prototype.query = function counted(this: pg.Client, ...args: unknown[]) {
  statements += 1;
  return Reflect.apply(query, this, args);
} as typeof query;
const local = await startServerHere(
  {
    ...{ host: '127.0.0.1', port: 0, validateResponses: false, publicUrl: undefined, secretKey: Buffer.alloc(32) },
    webhooks: { allow: [], retries: [], worker: false },
    trustProxy: TRUST_NO_PROXY,
    maxConnections: DEFAULT_MAX_CONNECTIONS,
    shutdownDelay: 0,
    anonymousPerMinute: 999_999,
    maxInFlight: DEFAULT_MAX_IN_FLIGHT,
    observability: OBSERVABILITY_DEFAULTS,
  },
  postgres.url,
);

async function statementsEach(connections: number, expected: '2xx' | '4xx'): Promise<number> {
  await local.requestLog.flush();
  const before = statements;
  const result = await autocannon({
    url: `${local.url}/api/v2/interaction-events`,
    ...{ method: 'POST', headers: jsonHeaders(caller), body, connections, duration: scaled(2, 1) },
  });
  await local.requestLog.flush();
  return (statements - before) / result[expected];
}

for (const connections of [1, 64]) {
  const each = await statementsEach(connections, '2xx');
  console.log(`statements per admitted POST of an event, ${connections} connections: ${each.toFixed(3)}`);
}
await admin.query('update api_consumers set daily_quota = 0');
await sleep(100); // until the node has received the notification
for (const connections of [1, 64]) {
  const each = await statementsEach(connections, '4xx');
  console.log(`statements per denied one, ${connections} connections: ${each.toFixed(4)}`);
}
await local.close();
await admin.end();
await postgres.stop();
