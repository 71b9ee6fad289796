// Webhooks: time from the commit of an event to its receipt, deliveries per second, and the effect of an unresponsive
// endpoint on another. One worker process, as `npm run worker` starts it; events go through the EventWriter of the server.
// node dist/bench/webhooks.js
import { setTimeout as sleep } from 'node:timers/promises';
import { EventWriter } from '../server/batching/event-writer.ts';
import { openDatabase } from '../server/store/database/database.ts';
import { MessageHandover } from '../server/webhooks/message-handover.ts';
import { WorkerNotifier } from '../server/webhooks/worker-notifier.ts';
import { benchPostgres, percentile, scaled } from './support.ts';
import { createHarness, startReceiver, startWorker, stopWorker, type WebhookHarness } from './webhook-harness.ts';

const SECONDS = Number(process.argv[2] ?? scaled(20, 2));
const PER_SECOND = 200;
const BACKLOG = scaled(20_000, 2_000);
const QUEUED_AT_UNRESPONSIVE = scaled(10_000, 200);

const text = (ms: number[]) => [0.5, 0.95, 0.99].map((share) => percentile(ms, share).toFixed(1)).join(', ');

/** Milliseconds from the commit of each event to its receipt, at a constant rate. */
async function latencies(on: WebhookHarness, databaseUrl: string): Promise<number[]> {
  const received = new Map<number, number>();
  const committed = new Map<number, number>();
  const to = await startReceiver((number, response) => {
    received.set(number, performance.now());
    response.writeHead(204).end();
  });
  const id = await on.subscribe(to.url);
  const db = openDatabase(databaseUrl);
  const notifier = new WorkerNotifier(db);
  const writer = new EventWriter(db, new MessageHandover(undefined, notifier));
  const count = SECONDS * PER_SECOND;
  const began = performance.now();
  const writes: Promise<void>[] = [];
  for (let number = 0; number < count; number++) {
    await sleep(Math.max(0, began + (number * 1000) / PER_SECOND - performance.now()));
    const event = {
      hub_id: on.hubId,
      widget_id: on.widgetId,
      event_type: 'clicked',
      properties: { number, note: 'x'.repeat(400) },
    };
    const write = async () => {
      await writer.write(event);
      committed.set(number, performance.now());
    };
    writes.push(write());
  }
  await Promise.all(writes);
  while (received.size < count) await sleep(20);
  await on.admin.query(`update webhook_subscriptions set status = 'ended', status_reason = 'owner' where id = $1`, [
    id,
  ]);
  await notifier.close();
  await db.close();
  to.close();
  // 0 if the receiver got the message before this process saw the commit.
  const all = [...received].map(([number, at]) => Math.max(0, at - (committed.get(number) ?? 0)));
  return all.slice(PER_SECOND); // the first second is a warm-up
}

async function deliveriesPerSecond(on: WebhookHarness, databaseUrl: string): Promise<number> {
  let count = 0;
  const to = await startReceiver((_, response) => {
    count += 1;
    response.writeHead(204).end();
  });
  await on.subscribe(to.url);
  await on.backlog(0, BACKLOG);
  const worker = await startWorker(databaseUrl);
  while (count < 1_000) await sleep(1); // warm-up
  const [from, began] = [count, performance.now()];
  const left = async () => (await on.admin.query('select from webhook_queue limit 1')).rowCount;
  while (await left()) await sleep(20);
  const perSecond = ((BACKLOG - from) * 1000) / (performance.now() - began);
  const { rows } = await on.admin.query('select count(*)::int as attempts from webhook_attempts');
  if (rows[0].attempts !== BACKLOG) throw new Error(`${rows[0].attempts} attempts were written instead of ${BACKLOG}`);
  await on.admin.query(`update webhook_subscriptions set status = 'ended', status_reason = 'owner'`);
  await stopWorker(worker);
  to.close();
  return perSecond;
}

const postgres = await benchPostgres();
const on = await createHarness(postgres.url);
console.log(
  `deliveries per second, ${BACKLOG} queued, attempts written: ${(await deliveriesPerSecond(on, postgres.url)).toFixed(0)}`,
);

const worker = await startWorker(postgres.url);
console.log(
  `commit to receipt at ${PER_SECOND}/s for ${SECONDS} s, p50, p95, p99 in ms: ${text(await latencies(on, postgres.url))}`,
);

const unresponsive = await startReceiver(() => {});
await on.subscribe(unresponsive.url, { max_in_flight: 16 });
await on.backlog(1_000_000, QUEUED_AT_UNRESPONSIVE);
const besideUnresponsive = text(await latencies(on, postgres.url));
console.log(
  `the same with an unresponsive endpoint and ${QUEUED_AT_UNRESPONSIVE} messages queued for it: ${besideUnresponsive}`,
);
unresponsive.close();
await stopWorker(worker);
await on.admin.end();
await postgres.stop();
