// Webhooks while the sessions of workers and the connections to the database break: nothing is lost, little is sent twice,
// and the limit of a subscription holds at every moment.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { EventWriter } from '../../server/batching/event-writer.ts';
import { queueRedelivery } from '../../server/store/webhooks/redeliveries.ts';
import { MessageHandover } from '../../server/webhooks/message-handover.ts';
import { WorkerNotifier } from '../../server/webhooks/worker-notifier.ts';
import { waitFor } from '../support/wait.ts';
import { type WebhookHarness, type WebhookReceiver, webhookHarness, webhookReceiver } from '../webhooks/harness.ts';
import { type HalfOpenProxy, startHalfOpenProxy } from './half-open-proxy.ts';

const EVENTS = 200;
const MAX_IN_FLIGHT = 16;
/** A delivery is repeated only if its result was lost: the attempts at the moment of a fault, and no more. */
const HANDFUL = 10;

const open: { close(): unknown }[] = [];
after(async () => {
  for (const each of open.reverse()) await each.close();
});

interface Installation {
  harness: WebhookHarness;
  receiver: WebhookReceiver;
  subscriptionId: string;
  proxy: HalfOpenProxy;
  writer: EventWriter;
}

/** A worker whose session goes through a proxy, a second one beside it if wanted, and a subscription. */
async function install(workers: 1 | 2, respondAfterMs: () => number): Promise<Installation> {
  const harness = await webhookHarness();
  const proxy = await startHalfOpenProxy(harness.url);
  const receiver = await webhookReceiver(async (response) => {
    await sleep(respondAfterMs());
    response.writeHead(204).end();
  });
  const { id: subscriptionId } = await harness.subscribe(receiver.url, { max_in_flight: MAX_IN_FLIGHT });
  const worker = await harness.worker({ sessionUrl: proxy.url, timeoutMs: 10_000 });
  if (workers === 2) await harness.worker({ timeoutMs: 10_000 });
  const notifier = new WorkerNotifier(harness.db);
  open.push(receiver, harness, notifier, proxy);
  const writer = new EventWriter(harness.db, new MessageHandover(worker, notifier));
  return { harness, receiver, subscriptionId, proxy, writer };
}

/** Ends the session of a worker. The worker learns nothing if the connection is half-open by then. */
async function endSession({ harness }: Installation): Promise<void> {
  await harness.admin.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and application_name like '%listener' order by backend_start limit 1`,
  );
}

async function queueEmpty({ harness }: Installation): Promise<void> {
  const left = async () => (await harness.admin.query('select from webhook_queue limit 1')).rowCount;
  await waitFor(async () => (await left()) === 0, 'the queue is empty', { deadline: 60_000 });
}

function assertNearOnce({ receiver }: Installation, events: number): void {
  const ids = receiver.received.map(({ message }) => message.data.id);
  assert.equal(new Set(ids).size, events, 'events that arrived');
  assert.ok(ids.length <= events + HANDFUL, `${ids.length} deliveries of ${events} events`);
  assert.ok(receiver.maxOpen <= MAX_IN_FLIGHT, `${receiver.maxOpen} in flight`);
}

for (const workers of [1, 2] as const) {
  test(`a session that ends unnoticed neither repeats nor exceeds anything, with ${workers} workers`, async () => {
    const installation = await install(workers, () => 100);
    const { harness, receiver, proxy } = installation;
    await harness.record(EVENTS);
    for (const count of [40, 120]) {
      await waitFor(() => receiver.received.length >= count, `${count} deliveries`);
      proxy.swallow();
      await endSession(installation);
    }
    await queueEmpty(installation);
    assertNearOnce(installation, EVENTS);
  });
}

test('an attempt that outlasts its session is continued by its worker alone', async () => {
  const installation = await install(2, () => 3_500);
  const { harness, receiver, proxy, writer } = installation;
  const event = { hub_id: harness.hubId, widget_id: harness.widgetId, event_type: 'clicked' };
  await Promise.all(Array.from({ length: MAX_IN_FLIGHT }, () => writer.write(event)));
  await waitFor(() => receiver.open === MAX_IN_FLIGHT, 'all are in flight');
  proxy.swallow();
  await endSession(installation);
  await queueEmpty(installation);
  assert.equal(receiver.received.length, MAX_IN_FLIGHT);
});

for (const seed of [1, 2, 3]) {
  test(`broken sessions and connections lose nothing and repeat little, seed ${seed}`, async () => {
    const random = randomFrom(seed);
    const installation = await install(2, () => 10 + random() * 60);
    const { harness, proxy, writer } = installation;
    const acknowledged = new Set<string>();
    let isOver = false;
    const faults = async () => {
      while (!isOver) {
        await sleep(20 + random() * 150);
        const kind = random();
        if (kind < 0.4) proxy.swallow();
        if (kind < 0.7) await endSession(installation);
        else await breakConnection(harness);
      }
    };
    const running = faults();
    while (acknowledged.size < EVENTS) {
      const events = Array.from({ length: 1 + Math.floor(random() * 8) }, () => ({
        ...{ hub_id: harness.hubId, widget_id: harness.widgetId, event_type: 'clicked' },
      }));
      const results = await Promise.allSettled(events.map((event) => writer.write(event)));
      for (const result of results) if (result.status === 'fulfilled') acknowledged.add(result.value.id);
      await sleep(random() * 20);
    }
    isOver = true;
    await running;
    await queueEmpty(installation);
    const { rows } = await harness.admin.query('select id from interaction_events');
    const stored = new Set(rows.map(({ id }) => id));
    for (const id of acknowledged) assert.ok(stored.has(id));
    assertNearOnce(installation, stored.size);
    const { rows: repeated } = await harness.admin.query(
      'select from webhook_attempts group by message_id, lease_id having count(*) > 1',
    );
    assert.equal(repeated.length, 0, 'attempts recorded twice');
  });
}

test('a redelivery that was accepted is sent after it, whatever breaks at that moment', async () => {
  const random = randomFrom(4);
  const installation = await install(2, () => random() * 30);
  const { harness, receiver, subscriptionId, proxy } = installation;
  const accepted = new Map<string, number>();
  await harness.record(EVENTS);
  let seen = 0;
  while (accepted.size < EVENTS / 2) {
    await waitFor(() => receiver.received.length > seen, 'the next message arrives');
    const message = receiver.received[seen++];
    if (!message || accepted.has(message.id)) continue;
    await sleep(random() * 10);
    if (random() < 0.05) proxy.swallow();
    if (random() < 0.05) await endSession(installation);
    if (random() < 0.05) await breakConnection(harness);
    const request = queueRedelivery(harness.db, harness.hubId, subscriptionId, message.id);
    if (await request.catch(() => undefined)) accepted.set(message.id, performance.now());
  }
  await queueEmpty(installation);
  for (const [id, at] of accepted) {
    assert.ok(
      receiver.received.some((each) => each.id === id && each.at > at),
      `message ${id} arrives after its redelivery was accepted`,
    );
  }
});

test('a wrong secret key uses up no attempt and harms no subscription: with the right one, all is delivered', async () => {
  const harness = await webhookHarness();
  const receiver = await webhookReceiver();
  open.push(receiver, harness);
  const { id } = await harness.subscribe(receiver.url);
  const reported: string[] = [];
  const wrong = await harness.worker({
    key: randomBytes(32),
    report: (error) => void reported.push((error as Error).message),
  });
  await harness.record(5);
  const returned = 'select from webhook_queue where leased_by is null and due_at > now() and attempts = 0';
  await waitFor(async () => (await harness.admin.query(returned)).rowCount === 5, 'the messages return to the queue');
  await wrong.close();
  assert.equal(reported.length, 1);
  assert.match(reported[0] as string, /Set IHF_SECRET_KEY/);
  assert.deepEqual(await harness.attempts(id), []);
  const { rows } = await harness.admin.query('select failing_since from webhook_subscriptions');
  assert.equal(rows[0].failing_since, null);
  await harness.worker();
  await waitFor(() => receiver.received.length === 5, 'all arrive');
});

/** Ends one connection of the pool, with whatever statement it runs. */
async function breakConnection({ admin }: WebhookHarness): Promise<void> {
  await admin.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and application_name = 'ihf-hub' order by state_change desc limit 1`,
  );
}

/** Random numbers from 0 to 1, the same ones for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
