import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import { updateWebhookLimits } from '../../server/store/webhooks/limits.ts';
import { findRecovery, insertRecovery } from '../../server/store/webhooks/recoveries.ts';
import { findSubscription, insertSubscription } from '../../server/store/webhooks/subscriptions.ts';
import { waitFor } from '../support/wait.ts';
import { type WebhookHarness, type WebhookReceiver, webhookHarness, webhookReceiver } from './harness.ts';

const NOWHERE = 'http://127.0.0.1:1/';

const open: { close(): unknown }[] = [];
after(async () => {
  for (const each of open.reverse()) await each.close();
});

async function newHarness(): Promise<WebhookHarness> {
  const harness = await webhookHarness();
  open.push(harness);
  return harness;
}

async function startReceiver(...args: Parameters<typeof webhookReceiver>): Promise<WebhookReceiver> {
  const receiver = await webhookReceiver(...args);
  open.push(receiver);
  return receiver;
}

async function queued({ admin }: WebhookHarness, subscriptionId: string): Promise<number> {
  return (await admin.query('select from webhook_queue where subscription_id = $1', [subscriptionId])).rowCount ?? 0;
}

test('a hub has at most the configured number of subscriptions, also if many are created at once', async () => {
  const harness = await newHarness();
  await updateWebhookLimits(harness.db, { subscriptions_per_hub: 3 });
  const create = () =>
    insertSubscription(harness.db, {
      ...{ id: randomUUID(), hub_id: harness.hubId, url: NOWHERE, keys: Buffer.alloc(1), public_key: null },
      topics: ['interaction.recorded'],
    });
  const results = await Promise.allSettled(Array.from({ length: 10 }, create));
  const rejected = results.filter((result) => result.status === 'rejected');
  assert.equal(rejected.length, 7);
  for (const { reason } of rejected) {
    assert.equal(reason.code, 'conflict');
    assert.match(reason.message, /has 3 webhook subscriptions, the maximum\. Delete one .* or ask the operator/);
  }
  await harness.admin.query(
    `update webhook_subscriptions set status = 'deleted', status_reason = 'owner' where id = (select id from webhook_subscriptions limit 1)`,
  );
  await create();
  await assert.rejects(create(), { code: 'conflict' });
});

test('a full queue gives up its oldest messages and counts them; a recovery queues them again', async () => {
  const harness = await newHarness();
  await updateWebhookLimits(harness.db, { queued_per_subscription: 100 });
  const receiver = await startReceiver();
  const { id } = await harness.subscribe(receiver.url, { status: 'paused', status_reason: 'owner' });
  const since = new Date(Date.now() - 60_000).toISOString();
  await harness.record(90);
  assert.equal((await findSubscription(harness.db, harness.hubId, id))?.given_up, 0);
  for (let round = 0; round < 3; round++) await harness.record(20);
  assert.equal(await queued(harness, id), 100);
  const subscription = await findSubscription(harness.db, harness.hubId, id);
  assert.equal(subscription?.given_up, 50);
  assert.ok(subscription?.given_up_at);

  const { rows } = await harness.admin.query(
    `select (select min(message_id::text) from webhook_queue)
       = (select id::text from webhook_messages order by id offset 50 limit 1) as are_newest`,
  );
  assert.ok(rows[0].are_newest);
  await harness.worker();
  await harness.admin.query(`update webhook_subscriptions set status = 'active', status_reason = null`);
  await waitFor(() => receiver.received.length === 100, 'the others arrive');
  const { id: recoveryId } = await insertRecovery(harness.db, harness.hubId, id, since);
  const isFinished = async () => (await findRecovery(harness.db, harness.hubId, id, recoveryId))?.finished_at;
  await waitFor(isFinished, 'the recovery is finished');
  await waitFor(() => receiver.received.length === 150, 'the messages that were given up arrive');
  assert.equal(new Set(receiver.received.map((each) => each.id)).size, 150);
});

test('in an ordered subscription the next message is delivered after one that was given up', async () => {
  const harness = await newHarness();
  await updateWebhookLimits(harness.db, { queued_per_subscription: 100 });
  const receiver = await startReceiver();
  const { id } = await harness.subscribe(receiver.url, { ordered: true, status: 'paused', status_reason: 'owner' });
  await harness.record(100);
  // As a claim leaves them: all but the first wait for it.
  await harness.admin.query(
    `update webhook_queue set due_at = 'infinity' where message_id <> (select message_id from webhook_queue order by message_id limit 1)`,
  );
  await harness.record(30);
  assert.equal(await queued(harness, id), 100);
  await harness.admin.query(`update webhook_subscriptions set status = 'active', status_reason = null`);
  await harness.worker();
  await waitFor(() => receiver.received.length === 100, 'they arrive');
  const ids = receiver.received.map((each) => each.id);
  assert.deepEqual(ids, [...ids].sort());
});

test('a recovery waits while the queue is full', async () => {
  const harness = await newHarness();
  await updateWebhookLimits(harness.db, { queued_per_subscription: 100 });
  const { id } = await harness.subscribe(NOWHERE, { status: 'paused', status_reason: 'owner' });
  await harness.record(300);
  await harness.worker();
  const { id: recoveryId } = await insertRecovery(harness.db, harness.hubId, id, new Date(0).toISOString());
  const other = await harness.subscribe(NOWHERE, { status: 'paused', status_reason: 'owner' });
  const { id: otherRecoveryId } = await insertRecovery(harness.db, harness.hubId, other.id, new Date(0).toISOString());
  const isFinished = async (subscription: string, recovery: string) =>
    (await findRecovery(harness.db, harness.hubId, subscription, recovery))?.finished_at;
  await waitFor(() => isFinished(other.id, otherRecoveryId), 'the recovery of another subscription is finished');
  assert.equal(await isFinished(id, recoveryId), null);
  assert.equal(await queued(harness, id), 100);
});

test('a hub with many slow subscriptions leaves room for another hub', async () => {
  const harness = await newHarness();
  const slow = await startReceiver(() => {});
  const prompt = await startReceiver();
  for (let number = 0; number < 12; number++) await harness.subscribe(slow.url, { max_in_flight: 64 });
  await harness.worker({ timeoutMs: 60_000 });
  await harness.record(100);
  await waitFor(() => slow.open === 128, 'the slow hub uses its share');
  const { rows } = await harness.admin.query(
    `with hub as (insert into hubs (slug, name) values ('other', 'Other') returning id),
       widget as (insert into widgets (hub_id, key, widget_type, name) select id, 'w', 'button', 'W' from hub returning id, hub_id)
     select id, hub_id from widget`,
  );
  const [other] = rows;
  const { id } = await harness.subscribe(prompt.url);
  await harness.admin.query('delete from webhook_queue where subscription_id = $1', [id]);
  await harness.admin.query('update webhook_subscriptions set hub_id = $1 where id = $2', [other.hub_id, id]);
  await harness.admin.query(
    `insert into interaction_events (hub_id, widget_id, event_type, occurred_at)
     select $1, $2, 'clicked', now() from generate_series(1, 300)`,
    [other.hub_id, other.id],
  );
  await waitFor(() => prompt.received.length === 300, 'the other hub receives all its messages');
  assert.equal(slow.maxOpen, 128);
});
