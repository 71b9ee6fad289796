import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { startPostgres } from '../../server/postgres/launcher.ts';
import { MIGRATIONS } from '../../server/project-files.ts';
import { migrate } from '../../server/store/database/migrate.ts';
import { maintainPartitions, WEBHOOK_TABLES } from '../../server/store/database/partitions.ts';
import { insertInteractionEvents } from '../../server/store/interactions/interaction-events.ts';
import {
  claimMessages,
  deleteExpiredDeliveries,
  LOCK_WORKER_NUMBER,
  releaseLeases,
  WORKER_SESSION_ENDED,
} from '../../server/store/webhooks/queue.ts';
import { temporaryFolder } from '../support/database.ts';
import { type ServerProcess, startProcess } from '../support/server-process.ts';
import { waitFor } from '../support/wait.ts';
import { type WebhookHarness, type WebhookReceiver, webhookHarness, webhookReceiver } from './harness.ts';

const WORKER = resolve(import.meta.dirname, '../../server/worker.js');

const open: { close(): unknown }[] = [];
after(async () => {
  for (const each of open.reverse()) await each.close();
});

async function newHarness(...given: Parameters<typeof webhookHarness>): Promise<WebhookHarness> {
  const harness = await webhookHarness(...given);
  open.push(harness);
  return harness;
}

async function startReceiver(...args: Parameters<typeof webhookReceiver>): Promise<WebhookReceiver> {
  const receiver = await webhookReceiver(...args);
  open.push(receiver);
  return receiver;
}

/** A worker as `npm run worker` runs it. */
async function workerProcess(harness: WebhookHarness): Promise<ServerProcess> {
  const environment = {
    ...{ DATABASE_URL: harness.url, IHF_WEBHOOK_ALLOW: '127.0.0.0/8', IHF_WEBHOOK_RETRIES: '0.1,0.1' },
    IHF_SECRET_KEY: harness.secretKey.toString('base64'),
  };
  const worker = startProcess(environment, WORKER);
  open.push({ close: () => worker.child.kill('SIGKILL') });
  await worker.waitForOutput('delivers webhooks');
  return worker;
}

test('an event is stored with its message and its delivery, or not at all', async () => {
  const harness = await newHarness();
  await harness.subscribe('http://127.0.0.1:1/');
  for (const table of ['webhook_queue', 'webhook_messages']) {
    await harness.admin.query(`alter table ${table} add constraint never check (false) not valid`);
    await assert.rejects(harness.record(3));
    const event = { hub_id: harness.hubId, widget_id: harness.widgetId, event_type: 'clicked' };
    const [outcome] = await insertInteractionEvents(harness.db, [event]);
    assert.ok(outcome instanceof Error);
    assert.equal((await harness.admin.query('select from interaction_events')).rowCount, 0);
    await harness.admin.query(`alter table ${table} drop constraint never`);
  }
  await harness.record(3);
  const { rows } = await harness.admin.query(
    `select (select count(*) from interaction_events)::int as events, (select count(*) from webhook_messages)::int as messages,
       (select count(*) from webhook_queue)::int as queued`,
  );
  assert.deepEqual(rows[0], { events: 3, messages: 3, queued: 3 });
});

for (const ordered of [false, true]) {
  test(`after kill -9 of a worker another delivers its messages${ordered ? ', in order' : ''}, before the leases expire`, async () => {
    const harness = await newHarness();
    let isStuck = true;
    const receiver = await startReceiver((response) => isStuck || response.writeHead(200).end());
    await harness.subscribe(receiver.url, { ordered });
    const first = await workerProcess(harness);
    await harness.record(5);
    await waitFor(() => receiver.received.length === (ordered ? 1 : 5), 'the first worker has them in flight');
    const before = receiver.received.length;
    await harness.worker();
    // The second worker delivers what was queued later for another subscription, and so has passed by the leased ones.
    const other = await startReceiver();
    await harness.subscribe(other.url);
    await harness.record();
    await waitFor(() => other.received.length === 1, 'the second worker delivers');
    assert.equal(
      receiver.received.length - before,
      ordered ? 0 : 1,
      'the second worker leaves the leased messages alone',
    );
    const { rows } = await harness.admin.query('select min(leased_until) as expires from webhook_queue');
    isStuck = false;
    first.child.kill('SIGKILL');
    await waitFor(() => receiver.received.length >= before + 6, 'the second worker delivers them');
    assert.ok(new Date() < rows[0].expires);
    const ids = receiver.received.slice(before).map(({ message }) => String(message.data.id));
    assert.equal(new Set(ids).size, 6);
    if (ordered) assert.deepEqual(ids, [...ids].sort());
  });
}

test('a worker whose session has ended leases nothing under its number', async () => {
  const harness = await newHarness();
  await harness.subscribe('http://127.0.0.1:1/');
  await harness.record(3);
  const session = new pg.Client(harness.url);
  await session.connect();
  const { number } = (await session.query<{ number: number }>(LOCK_WORKER_NUMBER)).rows[0] as { number: number };
  assert.equal((await claimMessages(harness.db, { worker: number, id: '1' }, 1, 30)).length, 1);
  await session.end();
  const isReleased = async () => (await releaseLeases(harness.db, number)).released === 1;
  await waitFor(isReleased, 'the lease is released');
  await assert.rejects(claimMessages(harness.db, { worker: number, id: '2' }, 1, 30), { code: WORKER_SESSION_ENDED });
});

test('a worker finishes its deliveries in flight on SIGTERM, and leaves the rest to others', async () => {
  const harness = await newHarness();
  const receiver = await startReceiver(async (response) => {
    await sleep(200);
    response.writeHead(200).end();
  });
  await harness.subscribe(receiver.url, { max_in_flight: 4 });
  const worker = await workerProcess(harness);
  await harness.record(20);
  await waitFor(() => receiver.received.length >= 4, 'it delivers');
  worker.child.kill('SIGTERM');
  assert.equal(await worker.exited, 0);
  const { rows } = await harness.admin.query('select count(*)::int as attempts from webhook_attempts where succeeded');
  assert.equal(rows[0].attempts, receiver.received.length);
  await harness.worker();
  await waitFor(() => receiver.received.length === 20, 'the rest arrives');
  assert.equal(new Set(receiver.received.map(({ id }) => id)).size, 20);
});

test('after kill -9 of Postgres every acknowledged event is delivered', async () => {
  const folder = temporaryFolder('ihf-webhooks-');
  const dataDir = join(folder, 'data');
  let postgres = await startPostgres({ dataDir });
  const proxy = await movingProxy(() => postgres.port);
  const url = new URL(postgres.url);
  url.host = proxy.host;
  await migrate(postgres.url, MIGRATIONS);
  open.push({ close: () => rmSync(folder, { recursive: true, force: true }) });
  open.push({ close: () => postgres.stop() }, proxy);
  const harness = await newHarness({ url: url.href, drop: async () => {} });
  const receiver = await startReceiver();
  await harness.subscribe(receiver.url);
  await harness.worker();

  const acknowledged = new Set<string>();
  let isOver = false;
  const report = async () => {
    while (!isOver) {
      const event = { hub_id: harness.hubId, widget_id: harness.widgetId, event_type: 'clicked' };
      const outcomes = await insertInteractionEvents(harness.db, Array(5).fill(event)).catch(() => []);
      for (const outcome of outcomes) if ('id' in outcome) acknowledged.add(outcome.id);
      await sleep(10);
    }
  };
  const reporting = report();
  const acknowledgeMore = () => {
    const before = acknowledged.size;
    return waitFor(() => acknowledged.size >= before + 50, 'more events are acknowledged');
  };
  for (let round = 0; round < 2; round++) {
    await acknowledgeMore();
    const [pid] = readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n');
    process.kill(Number(pid), 'SIGKILL');
    await postgres.died;
    postgres = await startPostgres({ dataDir });
  }
  await acknowledgeMore();
  isOver = true;
  await reporting;
  const allArrived = () => {
    const arrived = new Set(receiver.received.map(({ message }) => message.data.id));
    return [...acknowledged].every((id) => arrived.has(id));
  };
  await waitFor(allArrived, 'every acknowledged event arrives');
});

/** A proxy with a fixed port, for a server whose port changes. */
async function movingProxy(port: () => number): Promise<{ host: string; close(): void }> {
  const server = createServer((near) => {
    const far = connect(port(), '127.0.0.1');
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('error', () => {});
      one.on('close', () => other.destroy());
    }
    near.pipe(far).pipe(near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

test('attempts and messages cannot be changed or deleted, in any partition', async () => {
  const harness = await newHarness();
  const receiver = await startReceiver();
  await harness.subscribe(receiver.url);
  await harness.worker();
  await harness.record();
  const count = async () => (await harness.admin.query('select from webhook_attempts')).rowCount;
  await waitFor(async () => (await count()) === 1, 'an attempt is stored');
  const today = (await harness.admin.query(`select to_char(now() at time zone 'utc', 'YYYY_MM_DD') as day`)).rows[0]
    .day;
  for (const table of ['webhook_attempts', 'webhook_messages']) {
    for (const name of [table, `${table}_${today}`]) {
      for (const statement of [`update ${name} set id = id`, `delete from ${name}`, `truncate ${name}`]) {
        await assert.rejects(harness.admin.query(statement), { code: 'IH003' }, statement);
      }
    }
  }
  assert.equal(await count(), 1);
});

test('days beyond the retention are dropped, with their queued deliveries', async () => {
  const harness = await newHarness();
  await harness.subscribe('http://127.0.0.1:1/');
  await harness.record(2);
  // A message older than the retention, and one of today.
  await harness.admin.query(
    `insert into webhook_messages (hub_id, id, topic, data)
     select hub_id, ihf_uuidv7_at(now() - interval '40 days'), topic, data from webhook_messages limit 1`,
  );
  for (const table of WEBHOOK_TABLES) {
    // The first call gives the old message a partition.
    await maintainPartitions(harness.db, table, null);
    assert.equal(await maintainPartitions(harness.db, table, 30), true);
  }
  await deleteExpiredDeliveries(harness.db);
  for (const table of ['webhook_messages', 'webhook_queue']) {
    assert.equal((await harness.admin.query(`select from ${table}`)).rowCount, 2, table);
  }
});
