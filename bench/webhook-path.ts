import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { request } from 'undici';
import type { Demo } from '../server/demo.ts';
import { cpuOf, cpuOfPostgres, parentOf, percentile, type ServerProcess } from './support.ts';
import { startReceiver, subscribe } from './webhook-harness.ts';

export interface PathFigures {
  /** Milliseconds from the response to an event until the receipt of its message. */
  p50: number;
  p95: number;
  /** CPU time in milliseconds per event: request, event, log, limits, delivery and record. */
  nodeMs: number;
  postgresMs: number;
  /** Transactions per event: each statement of the server is one. Includes the polls of the server. */
  transactions: number;
}

const WARM_UP_SECONDS = 2;

/** The process id of the postmaster of a local database. */
export async function postmasterOf(admin: pg.Client): Promise<number> {
  return parentOf(Number((await admin.query('select pg_backend_pid() as pid')).rows[0].pid));
}

/** The number of transactions committed in the database so far. */
export async function transactionsOf(admin: pg.Client): Promise<number> {
  const { rows } = await admin.query('select xact_commit from pg_stat_database where datname = current_database()');
  return Number(rows[0].xact_commit);
}

/** Posts events at a constant rate to a server that delivers them itself, and measures until the last receipt. */
export async function measureWebhookPath(
  server: ServerProcess,
  {
    caller,
    databaseUrl,
    perSecond,
    seconds,
  }: { caller: Demo; databaseUrl: string; perSecond: number; seconds: number },
): Promise<PathFigures> {
  const admin = new pg.Client(databaseUrl);
  await admin.connect();
  const one = async (sql: string, values: unknown[] = []) => Object.values((await admin.query(sql, values)).rows[0])[0];
  const postmaster = await postmasterOf(admin);
  const hubId = String(await one('select hub_id from widgets where id = $1', [caller.widgetId]));
  const received = new Map<number, number>();
  const accepted = new Map<number, number>();
  const receiver = await startReceiver((number, response) => {
    received.set(number, performance.now());
    response.writeHead(204).end();
  });
  const subscriptionId = await subscribe(admin, hubId, receiver.url);
  await sleep(1_500); // the server notices a first subscription within a second

  const warmUp = WARM_UP_SECONDS * perSecond;
  const count = warmUp + seconds * perSecond;
  const counters = async () => ({
    node: cpuOf(server.pid),
    postgres: cpuOfPostgres(postmaster),
    transactions: await transactionsOf(admin),
  });
  const post = async (number: number) => {
    const { statusCode, body } = await request(`${server.url}/api/v2/interaction-events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${caller.key}` },
      body: JSON.stringify({
        ...{ widget_id: caller.widgetId, event_type: 'clicked' },
        properties: { number, note: 'x'.repeat(400) },
      }),
    });
    accepted.set(number, performance.now());
    if (statusCode !== 201) throw new Error(`${statusCode}: ${await body.text()}`);
    await body.dump();
  };
  let before = await counters();
  const began = performance.now();
  const posts: Promise<void>[] = [];
  for (let number = 0; number < count; number++) {
    await sleep(Math.max(0, began + (number * 1000) / perSecond - performance.now()));
    if (number === warmUp) before = await counters();
    posts.push(post(number));
  }
  await Promise.all(posts);
  while (received.size < count) await sleep(20);
  await sleep(1_500); // the last records, counts and log rows
  const after = await counters();
  await admin.query(`update webhook_subscriptions set status = 'deleted', status_reason = 'owner' where id = $1`, [
    subscriptionId,
  ]);
  await admin.end();
  receiver.close();
  const times = [...received].filter(([number]) => number >= warmUp);
  const ms = times.map(([number, at]) => Math.max(0, at - (accepted.get(number) ?? at)));
  const each = seconds * perSecond;
  return {
    ...{ p50: percentile(ms, 0.5), p95: percentile(ms, 0.95) },
    nodeMs: (after.node - before.node) / each,
    postgresMs: (after.postgres - before.postgres) / each,
    transactions: (after.transactions - before.transactions) / each,
  };
}
