// Webhooks: from the commit of an event to its receipt, deliveries a second, and what a dead endpoint does to another.
// The worker is one process, as `npm run worker` runs it; events go through the hub's own writer.
// node dist/bench/webhooks.js
import { setTimeout as sleep } from 'node:timers/promises';
import { EventWriter } from '../server/batching/event-writer.ts';
import { openDatabase } from '../server/store/database/database.ts';
import { WorkerNotifier } from '../server/webhooks/worker-notifier.ts';
import { benchPostgres, percentile } from './support.ts';
import { type Stage, sink, stage, startWorker, stop } from './webhook-stage.ts';

const SECONDS = Number(process.argv[2] ?? 20);
const PER_SECOND = 200;
const BACKLOG = 20_000;
const QUEUED_AT_BLACK_HOLE = 10_000;

const text = (ms: number[]) => [0.5, 0.95, 0.99].map((share) => percentile(ms, share).toFixed(1)).join(', ');

/** Milliseconds from each event's commit to its receipt, at a steady rate. */
async function latencies(on: Stage, databaseUrl: string): Promise<number[]> {
  const received = new Map<number, number>();
  const committed = new Map<number, number>();
  const to = await sink((number, response) => {
    received.set(number, performance.now());
    response.writeHead(204).end();
  });
  const id = await on.subscribe(to.url);
  const db = openDatabase(databaseUrl);
  const [writer, bell] = [new EventWriter(db), new WorkerNotifier(db)];
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
      bell.notify();
    };
    writes.push(write());
  }
  await Promise.all(writes);
  while (received.size < count) await sleep(20);
  await on.admin.query(`update webhook_subscriptions set status = 'ended', status_reason = 'owner' where id = $1`, [
    id,
  ]);
  await bell.close();
  await db.close();
  to.close();
  // Of an event whose receipt came before the answer to its commit, the time is nought.
  const all = [...received].map(([number, at]) => Math.max(0, at - (committed.get(number) ?? 0)));
  return all.slice(PER_SECOND); // the first second warms up
}

async function deliveriesPerSecond(on: Stage, databaseUrl: string): Promise<number> {
  let count = 0;
  const to = await sink((_, response) => {
    count += 1;
    response.writeHead(204).end();
  });
  await on.subscribe(to.url);
  await on.backlog(0, BACKLOG);
  const worker = await startWorker(databaseUrl);
  while (count < 1_000) await sleep(1); // warms up
  const [from, began] = [count, performance.now()];
  const left = async () => (await on.admin.query('select from webhook_queue limit 1')).rowCount;
  while (await left()) await sleep(20);
  const perSecond = ((BACKLOG - from) * 1000) / (performance.now() - began);
  const { rows } = await on.admin.query('select count(*)::int as attempts from webhook_deliveries');
  if (rows[0].attempts !== BACKLOG) throw new Error(`${rows[0].attempts} attempts are written, not ${BACKLOG}`);
  await on.admin.query(`update webhook_subscriptions set status = 'ended', status_reason = 'owner'`);
  await stop(worker);
  to.close();
  return perSecond;
}

const postgres = await benchPostgres();
const on = await stage(postgres.url);
console.log(
  `deliveries a second, ${BACKLOG} queued, attempts written: ${(await deliveriesPerSecond(on, postgres.url)).toFixed(0)}`,
);

const worker = await startWorker(postgres.url);
console.log(
  `commit to receipt at ${PER_SECOND}/s for ${SECONDS} s, p50, p95, p99 in ms: ${text(await latencies(on, postgres.url))}`,
);

const blackHole = await sink(() => {});
await on.subscribe(blackHole.url, { max_in_flight: 16 });
await on.backlog(1_000_000, QUEUED_AT_BLACK_HOLE);
const beside = text(await latencies(on, postgres.url));
console.log(`the same beside a black hole with ${QUEUED_AT_BLACK_HOLE} queued: ${beside}`);
blackHole.close();
await stop(worker);
await on.admin.end();
await postgres.stop();
