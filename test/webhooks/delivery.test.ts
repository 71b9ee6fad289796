import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import { findRecovery, insertRecovery } from '../../server/store/webhooks/recoveries.ts';
import { queueRedelivery } from '../../server/store/webhooks/redeliveries.ts';
import { waitFor } from '../support/wait.ts';
import { type WebhookHarness, type WebhookReceiver, webhookHarness, webhookReceiver } from './harness.ts';

let harness: WebhookHarness;
const receivers: WebhookReceiver[] = [];
const startReceiver: typeof webhookReceiver = async (respond) => {
  const receiver = await webhookReceiver(respond);
  receivers.push(receiver);
  return receiver;
};

before(async () => {
  harness = await webhookHarness();
  await harness.worker();
});
after(async () => {
  for (const receiver of receivers) receiver.close();
  await harness.close();
});

/** Ends the subscriptions of earlier tests, so that each test receives only its own events. */
async function endSubscriptions(): Promise<void> {
  await harness.admin.query(`update webhook_subscriptions set status = 'ended', status_reason = 'owner'`);
}

const queued = async (id: string) =>
  (await harness.admin.query('select from webhook_queue where subscription_id = $1', [id])).rowCount ?? 0;
/** Waits until all deliveries of a subscription are finished. Nothing more can arrive after that. */
const queueEmpty = (id: string) => waitFor(async () => (await queued(id)) === 0, 'the queue is empty');
const statusOf = async (id: string) =>
  (await harness.admin.query('select status, status_reason from webhook_subscriptions where id = $1', [id])).rows[0];

test('an event arrives once, signed, with the payload that the API would return', async () => {
  const receiver = await startReceiver();
  const { id, secret } = await harness.subscribe(receiver.url);
  await harness.record();
  await waitFor(() => receiver.received.length > 0, 'the message arrives');
  const [received] = receiver.received;
  assert.deepEqual(new Webhook(secret).verify(received?.body ?? '', received?.headers as never), received?.message);
  assert.equal(received?.topic, 'interaction.recorded');
  assert.equal(received?.message.type, 'interaction.recorded');
  const stored = await harness.db.query('select * from interaction_events where id = $1', [received?.message.data.id]);
  assert.deepEqual(received?.message.data, stored[0]);
  await queueEmpty(id);
  const attempts = await harness.attempts(id);
  assert.deepEqual(
    attempts.map(({ message_id, succeeded, status_code }) => [message_id, succeeded, status_code]),
    [[received?.id, true, 204]],
  );
  assert.equal(receiver.received.length, 1);
});

test('a failed delivery is retried under the same id until it succeeds, and each attempt is stored', async () => {
  await endSubscriptions();
  let count = 0;
  const receiver = await startReceiver((response) => response.writeHead(++count < 3 ? 500 : 200).end(`try ${count}`));
  const { id } = await harness.subscribe(receiver.url);
  await harness.record();
  await waitFor(async () => (await harness.attempts(id)).length === 3, 'there are three attempts');
  const attempts = await harness.attempts(id);
  assert.deepEqual(
    attempts.map(({ attempt, succeeded, status_code, response }) => [attempt, succeeded, status_code, response]),
    [
      [1, false, 500, 'try 1'],
      [2, false, 500, 'try 2'],
      [3, true, 200, 'try 3'],
    ],
  );
  assert.equal(new Set(receiver.received.map((each) => each.id)).size, 1);
  assert.equal(new Set(receiver.received.map(({ body }) => body)).size, 1);
});

test('after the last retry a message leaves the queue, and the endpoint is marked as failing', async () => {
  await endSubscriptions();
  const receiver = await startReceiver((response) => response.writeHead(503).end());
  const { id } = await harness.subscribe(receiver.url);
  await harness.record();
  await queueEmpty(id);
  assert.equal((await harness.attempts(id)).length, 4);
  assert.equal(receiver.received.length, 4);
  const { rows } = await harness.admin.query('select status, failing_since from webhook_subscriptions where id = $1', [
    id,
  ]);
  assert.equal(rows[0].status, 'active');
  assert.ok(rows[0].failing_since);
});

test('Retry-After delays the next attempt', async () => {
  await endSubscriptions();
  const receiver = await startReceiver((response, { id }) => {
    const isFirst = receiver.received.filter((each) => each.id === id).length === 1;
    response.writeHead(isFirst ? 429 : 200, isFirst ? { 'retry-after': '1' } : {}).end();
  });
  await harness.subscribe(receiver.url);
  await harness.record();
  await waitFor(() => receiver.received.length === 2, 'the second attempt arrives');
  const [first, second] = receiver.received;
  assert.ok((second?.at ?? 0) - (first?.at ?? 0) >= 950);
});

test('a redelivery requested while an attempt is in flight is sent after it', async () => {
  await endSubscriptions();
  const held: ServerResponse[] = [];
  const receiver = await startReceiver((response) =>
    receiver.received.length === 1 ? held.push(response) : response.writeHead(200).end(),
  );
  const { id } = await harness.subscribe(receiver.url);
  await harness.record();
  await waitFor(() => receiver.received.length === 1, 'the first attempt arrives');
  const messageId = receiver.received[0]?.id ?? '';
  assert.equal((await queueRedelivery(harness.db, harness.hubId, id, messageId))?.message_id, messageId);
  held[0]?.writeHead(200).end();
  await queueEmpty(id);
  assert.deepEqual(
    receiver.received.map((each) => each.id),
    [messageId, messageId],
  );
});

test('a recovery requested while the last attempt is in flight recovers the message if the attempt fails', async () => {
  await endSubscriptions();
  const held: ServerResponse[] = [];
  const receiver = await startReceiver((response) => {
    const count = receiver.received.length;
    if (count === 4) held.push(response);
    else response.writeHead(count < 4 ? 500 : 200).end();
  });
  const { id } = await harness.subscribe(receiver.url);
  await harness.record();
  await waitFor(() => held.length === 1, 'the last attempt arrives');
  const since = receiver.received[0]?.message.timestamp ?? '';
  const { id: recoveryId } = await insertRecovery(harness.db, harness.hubId, id, since);
  const isFinished = async () => (await findRecovery(harness.db, harness.hubId, id, recoveryId))?.finished_at;
  await waitFor(isFinished, 'the recovery is finished');
  held[0]?.writeHead(500).end();
  await queueEmpty(id);
  assert.deepEqual(
    (await harness.attempts(id)).map(({ succeeded }) => succeeded),
    [false, false, false, false, true],
  );
});

test('410 ends the subscription and empties its queue', async () => {
  await endSubscriptions();
  const receiver = await startReceiver((response) => response.writeHead(410).end());
  const { id } = await harness.subscribe(receiver.url, { max_in_flight: 1 });
  await harness.record(20);
  await waitFor(async () => (await statusOf(id)).status === 'ended', 'the subscription ends');
  assert.deepEqual(await statusOf(id), { status: 'ended', status_reason: 'gone' });
  await harness.record();
  assert.equal(await queued(id), 0);
  assert.equal(receiver.received.length, 1);
});

test('an endpoint that has failed for five days is paused, keeps its queue, and receives it when resumed', async () => {
  await endSubscriptions();
  let isHealthy = false;
  const receiver = await startReceiver((response) => response.writeHead(isHealthy ? 200 : 500).end());
  const { id } = await harness.subscribe(receiver.url, {
    failing_since: new Date(Date.now() - 5 * 86_400_000 - 1_000),
  });
  await harness.record();
  await waitFor(async () => (await statusOf(id)).status === 'paused', 'the subscription is paused');
  assert.equal((await statusOf(id)).status_reason, 'failing');
  const before = receiver.received.length;
  await harness.record(2);
  // Another subscription receives what was queued later: the worker has passed by the paused one.
  const other = await startReceiver();
  await harness.subscribe(other.url);
  await harness.record();
  await waitFor(() => other.received.length === 1, 'the other subscription receives its message');
  assert.equal(receiver.received.length, before);
  isHealthy = true;
  await harness.admin.query(
    `update webhook_subscriptions set status = 'active', status_reason = null, failing_since = null where id = $1`,
    [id],
  );
  await waitFor(() => new Set(receiver.received.map((each) => each.id)).size === 4, 'all four messages arrive');
});

test('an ordered subscription receives the events of a widget in order, also after failures', async () => {
  await endSubscriptions();
  let requests = 0;
  const receiver = await startReceiver((response) => response.writeHead(++requests % 5 === 0 ? 500 : 200).end());
  const { id } = await harness.subscribe(receiver.url, { ordered: true });
  const widgets = await Promise.all([harness.widget(), harness.widget(), harness.widget()]);
  for (let round = 0; round < 4; round++) {
    for (const widget of widgets) await harness.record(10, widget);
  }
  const delivered = (widget: string) => {
    const seen = new Map<string, string>();
    for (const { id: messageId, message } of receiver.received) {
      // Of several attempts the last one counts: only that one succeeded.
      if (message.data.widget_id !== widget) continue;
      seen.delete(messageId);
      seen.set(messageId, String(message.data.id));
    }
    return [...seen.values()];
  };
  await queueEmpty(id);
  for (const widget of widgets) {
    const ids = delivered(widget);
    assert.equal(ids.length, 40);
    assert.deepEqual(ids, [...ids].sort());
  }
});

test('max_in_flight holds across two workers', async () => {
  await endSubscriptions();
  await harness.worker();
  const receiver = await startReceiver(async (response) => {
    await sleep(20);
    response.writeHead(200).end();
  });
  await harness.subscribe(receiver.url, { max_in_flight: 3 });
  await harness.record(60);
  await waitFor(() => receiver.received.length === 60, 'all messages arrive');
  assert.ok(receiver.maxOpen <= 3, `${receiver.maxOpen} at once`);
  assert.equal(new Set(receiver.received.map(({ id }) => id)).size, 60);
});

test('rate_per_second holds', async () => {
  await endSubscriptions();
  const receiver = await startReceiver();
  await harness.subscribe(receiver.url, { rate_per_second: 50 });
  const began = performance.now();
  await harness.record(60);
  await waitFor(() => receiver.received.length === 60, 'all messages arrive');
  const seconds = ((receiver.received.at(-1)?.at ?? 0) - began) / 1000;
  assert.ok(seconds > 1, `60 in ${seconds} s`);
});

test('an endpoint that does not respond, with a long queue, does not block another', async () => {
  await endSubscriptions();
  const silent = await startReceiver(() => {});
  const healthy = await startReceiver();
  const { id } = await harness.subscribe(silent.url);
  await harness.record(2_000);
  await waitFor(() => silent.open > 0, 'the endpoint that does not respond is busy');
  await harness.subscribe(healthy.url);
  for (let number = 1; number <= 20; number++) {
    await harness.record();
    await waitFor(() => healthy.received.length === number, 'the healthy endpoint receives the message');
  }
  assert.ok((await queued(id)) >= 1_900, `${await queued(id)} are left`);
});

test('a failing endpoint has at most two deliveries in flight, until it succeeds again', async () => {
  await endSubscriptions();
  let isHealthy = false;
  let isHeld = false;
  const held: ServerResponse[] = [];
  const receiver = await startReceiver(async (response) => {
    if (isHeld) return held.push(response);
    await sleep(20);
    return response.writeHead(isHealthy ? 200 : 500).end();
  });
  const { id } = await harness.subscribe(receiver.url, { max_in_flight: 10, failing_since: new Date() });
  await harness.record(20);
  await waitFor(() => receiver.received.length >= 10, 'ten attempts arrive');
  assert.equal(receiver.maxOpen, 2);
  isHealthy = true;
  const failing = () =>
    harness.admin.query('select from webhook_subscriptions where id = $1 and failing_since is not null', [id]);
  await waitFor(async () => (await failing()).rowCount === 0, 'an attempt succeeds');
  isHeld = true;
  await harness.record(60);
  await waitFor(() => receiver.open === 10, 'ten deliveries are in flight');
  isHeld = false;
  for (const response of held) response.writeHead(200).end();
  await queueEmpty(id);
  assert.equal(receiver.maxOpen, 10);
});
