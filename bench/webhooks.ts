// Webhooks: time from the response to an event until the receipt of its message, CPU time and transactions per event,
// deliveries per second from a backlog, and the effect of an unresponsive endpoint on another.
// node dist/bench/webhooks.js
import { setTimeout as sleep } from 'node:timers/promises';
import { benchCaller, benchPostgres, cpuOf, cpuOfPostgres, scaled, startServer } from './support.ts';
import {
  createHarness,
  SERVER_ENVIRONMENT,
  startReceiver,
  startWorker,
  stopWorker,
  type WebhookHarness,
} from './webhook-harness.ts';
import { measureWebhookPath, postmasterOf, transactionsOf } from './webhook-path.ts';

const SECONDS = Number(process.argv[2] ?? scaled(20, 2));
const RATES = [20, 200];
const BACKLOG = scaled(20_000, 2_000);
const QUEUED_AT_UNRESPONSIVE = scaled(10_000, 200);

async function deliveriesPerSecond(on: WebhookHarness, databaseUrl: string): Promise<string> {
  let count = 0;
  const to = await startReceiver((_, response) => {
    count += 1;
    response.writeHead(204).end();
  });
  await on.subscribe(to.url);
  await on.backlog(0, BACKLOG);
  const worker = await startWorker(databaseUrl);
  while (count < 1_000) await sleep(1); // warm-up
  const counters = async () => ({
    node: cpuOf(worker.pid as number),
    postgres: cpuOfPostgres(postmaster),
    transactions: await transactionsOf(on.admin),
  });
  const postmaster = await postmasterOf(on.admin);
  const [from, began, before] = [count, performance.now(), await counters()];
  const left = async () => (await on.admin.query('select from webhook_queue limit 1')).rowCount;
  while (await left()) await sleep(20);
  const delivered = BACKLOG - from;
  const perSecond = (delivered * 1000) / (performance.now() - began);
  const after = await counters();
  const { rows } = await on.admin.query('select count(*)::int as attempts from webhook_attempts');
  if (rows[0].attempts !== BACKLOG) throw new Error(`${rows[0].attempts} attempts were written instead of ${BACKLOG}`);
  await on.admin.query(`update webhook_subscriptions set status = 'ended', status_reason = 'owner'`);
  await stopWorker(worker);
  to.close();
  const each = (key: keyof typeof after, digits: number) => ((after[key] - before[key]) / delivered).toFixed(digits);
  return (
    `${perSecond.toFixed(0)} deliveries per second; per delivery ${each('node', 2)} ms of CPU of the worker, ` +
    `${each('postgres', 2)} of Postgres, ${each('transactions', 2)} transactions`
  );
}

async function measureBacklog(): Promise<void> {
  const postgres = await benchPostgres();
  const on = await createHarness(postgres.url);
  console.log(`${BACKLOG} queued: ${await deliveriesPerSecond(on, postgres.url)}`);
  await on.admin.end();
  await postgres.stop();
}

/** One node that receives the events and delivers their messages. */
async function measurePath(): Promise<void> {
  Object.assign(process.env, SERVER_ENVIRONMENT);
  const postgres = await benchPostgres();
  const server = await startServer(postgres.url);
  const caller = await benchCaller(postgres.url);
  const measure = async (perSecond: number, title: string) => {
    const options = { caller, databaseUrl: postgres.url, perSecond, seconds: SECONDS };
    const { p50, p95, nodeMs, postgresMs, transactions } = await measureWebhookPath(server, options);
    console.log(
      `${title}: response to receipt p50 ${p50.toFixed(1)}, p95 ${p95.toFixed(1)} ms; per event ${nodeMs.toFixed(2)} ms of ` +
        `CPU of node, ${postgresMs.toFixed(2)} of Postgres, ${transactions.toFixed(2)} transactions`,
    );
  };
  for (const rate of RATES) await measure(rate, `${rate} events/s for ${SECONDS} s`);
  const other = await createHarness(postgres.url);
  const unresponsive = await startReceiver(() => {});
  await other.subscribe(unresponsive.url, { max_in_flight: 16 });
  await other.backlog(1_000_000, QUEUED_AT_UNRESPONSIVE);
  await measure(200, `200 events/s beside an unresponsive endpoint with ${QUEUED_AT_UNRESPONSIVE} messages queued`);
  unresponsive.close();
  await other.admin.end();
  await server.stop();
  await postgres.stop();
}

await measureBacklog();
await measurePath();
