import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import { until, type WebhookHarness, type WebhookReceiver, webhookHarness, webhookReceiver } from './support.ts';

let on: WebhookHarness;
const sinks: WebhookReceiver[] = [];
const endpoint: typeof webhookReceiver = async (answer) => {
  const made = await webhookReceiver(answer);
  sinks.push(made);
  return made;
};

before(async () => {
  on = await webhookHarness();
  await on.worker();
});
after(async () => {
  for (const each of sinks) each.close();
  await on.close();
});

/** Ends the subscriptions of the tests before, so that each test's events are its own. */
async function alone(): Promise<void> {
  await on.admin.query(`update webhook_subscriptions set status = 'ended', status_reason = 'owner'`);
}

test('an event arrives once, signed, with the payload that the API would answer', async () => {
  const to = await endpoint();
  const { id, secret } = await on.subscribe(to.url);
  await on.record();
  await until(() => to.received.length > 0, 'it arrives');
  const [received] = to.received;
  assert.deepEqual(new Webhook(secret).verify(received?.body ?? '', received?.headers as never), received?.message);
  assert.equal(received?.topic, 'interaction.recorded');
  assert.equal(received?.message.type, 'interaction.recorded');
  const stored = await on.db.query('select * from interaction_events where id = $1', [received?.message.data.id]);
  assert.deepEqual(received?.message.data, stored[0]);
  await until(async () => (await on.attempts(id)).length === 1, 'the attempt is written');
  const [attempt] = await on.attempts(id);
  assert.deepEqual([attempt?.message_id, attempt?.succeeded, attempt?.status_code], [received?.id, true, 204]);
  await sleep(300);
  assert.equal(to.received.length, 1);
  assert.deepEqual((await on.admin.query('select from webhook_queue')).rowCount, 0);
});

test('what fails is tried again under the same id until it succeeds, and each attempt is written', async () => {
  await alone();
  let count = 0;
  const to = await endpoint((response) => response.writeHead(++count < 3 ? 500 : 200).end(`answer ${count}`));
  const { id } = await on.subscribe(to.url);
  await on.record();
  await until(async () => (await on.attempts(id)).length === 3, 'three attempts');
  const attempts = await on.attempts(id);
  assert.deepEqual(
    attempts.map(({ attempt, succeeded, status_code, response }) => [attempt, succeeded, status_code, response]),
    [
      [1, false, 500, 'answer 1'],
      [2, false, 500, 'answer 2'],
      [3, true, 200, 'answer 3'],
    ],
  );
  assert.equal(new Set(to.received.map((each) => each.id)).size, 1);
  assert.equal(new Set(to.received.map(({ body }) => body)).size, 1);
});

test('after the last retry a message is given up, and the endpoint is known to be failing', async () => {
  await alone();
  const to = await endpoint((response) => response.writeHead(503).end());
  const { id } = await on.subscribe(to.url);
  await on.record();
  await until(async () => (await on.attempts(id)).length === 4, 'four attempts');
  await sleep(200);
  assert.equal(to.received.length, 4);
  const { rows } = await on.admin.query('select status, failing_since from webhook_subscriptions where id = $1', [id]);
  assert.equal(rows[0].status, 'active');
  assert.ok(rows[0].failing_since);
});

test('Retry-After puts the next attempt off', async () => {
  await alone();
  const to = await endpoint((response, { id }) => {
    const first = to.received.filter((each) => each.id === id).length === 1;
    response.writeHead(first ? 429 : 200, first ? { 'retry-after': '1' } : {}).end();
  });
  await on.subscribe(to.url);
  await on.record();
  await until(() => to.received.length === 2, 'a second attempt');
  const [first, second] = to.received;
  assert.ok((second?.at ?? 0) - (first?.at ?? 0) >= 950);
});

test('410 ends the subscription, with all that was queued for it', async () => {
  await alone();
  const to = await endpoint((response) => response.writeHead(410).end());
  const { id } = await on.subscribe(to.url, { max_in_flight: 1 });
  await on.record(20);
  const status = async () =>
    (await on.admin.query('select status, status_reason from webhook_subscriptions where id = $1', [id])).rows[0];
  await until(async () => (await status()).status === 'ended', 'it ends');
  assert.deepEqual(await status(), { status: 'ended', status_reason: 'gone' });
  await on.record();
  await sleep(200);
  assert.ok(to.received.length < 3);
  assert.equal((await on.admin.query('select from webhook_queue')).rowCount, 0);
});

test('an endpoint that has failed for five days is paused with its queue, and resumes where it was', async () => {
  await alone();
  let isWell = false;
  const to = await endpoint((response) => response.writeHead(isWell ? 200 : 500).end());
  const { id } = await on.subscribe(to.url, { failing_since: new Date(Date.now() - 5 * 86_400_000 - 1_000) });
  await on.record();
  const status = async () =>
    (await on.admin.query('select status, status_reason from webhook_subscriptions where id = $1', [id])).rows[0];
  await until(async () => (await status()).status === 'paused', 'it is paused');
  assert.equal((await status()).status_reason, 'failing');
  const before = to.received.length;
  await on.record(2);
  await sleep(300);
  assert.equal(to.received.length, before);
  isWell = true;
  await on.admin.query(
    `update webhook_subscriptions set status = 'active', status_reason = null, failing_since = null where id = $1`,
    [id],
  );
  await until(() => new Set(to.received.map((each) => each.id)).size === 3, 'all three arrive');
});

test('in ordered mode the events of a widget arrive in their order, also past failures', async () => {
  await alone();
  let requests = 0;
  const to = await endpoint((response) => response.writeHead(++requests % 5 === 0 ? 500 : 200).end());
  await on.subscribe(to.url, { ordered: true });
  const widgets = await Promise.all([on.widget(), on.widget(), on.widget()]);
  for (let round = 0; round < 4; round++) {
    for (const widget of widgets) await on.record(10, widget);
  }
  const delivered = (widget: string) => {
    const seen = new Map<string, string>();
    for (const { id, message } of to.received) {
      // Of what was repeated, the last time counts: only then did it succeed.
      if (message.data.widget_id !== widget) continue;
      seen.delete(id);
      seen.set(id, String(message.data.id));
    }
    return [...seen.values()];
  };
  await until(async () => !(await on.admin.query('select from webhook_queue')).rowCount, 'all arrive', 20_000);
  for (const widget of widgets) {
    const ids = delivered(widget);
    assert.equal(ids.length, 40);
    assert.deepEqual(ids, [...ids].sort());
  }
});

test('no more run at once than a subscription allows, with two workers too', async () => {
  await alone();
  await on.worker();
  const to = await endpoint(async (response) => {
    await sleep(20);
    response.writeHead(200).end();
  });
  await on.subscribe(to.url, { max_in_flight: 3 });
  await on.record(60);
  await until(() => to.received.length === 60, 'all arrive');
  assert.ok(to.mostOpen <= 3, `${to.mostOpen} at once`);
  assert.equal(new Set(to.received.map(({ id }) => id)).size, 60);
});

test('a rate is kept', async () => {
  await alone();
  const to = await endpoint();
  await on.subscribe(to.url, { rate_per_second: 50 });
  await on.record(60);
  await until(() => to.received.length === 60, 'all arrive');
  const [first, last] = [to.received[0], to.received.at(-1)];
  const seconds = ((last?.at ?? 0) - (first?.at ?? 0)) / 1000;
  assert.ok(seconds > 1, `60 in ${seconds} s`);
  assert.ok(seconds < 2.5, `60 in ${seconds} s`);
});

test('a dead endpoint with a long queue does not delay another', async () => {
  await alone();
  const dead = await endpoint(() => {});
  const well = await endpoint();
  await on.subscribe(dead.url);
  await on.record(2_000);
  await on.subscribe(well.url);
  await sleep(300);
  for (let number = 0; number < 20; number++) {
    const began = performance.now();
    const before = well.received.length;
    await on.record();
    await until(() => well.received.length > before, 'it arrives');
    assert.ok((well.received.at(-1)?.at ?? 0) - began < 500);
  }
});

test('an endpoint that fails is given few at once, until it is well again', async () => {
  await alone();
  let isWell = false;
  const to = await endpoint(async (response) => {
    await sleep(isWell ? 20 : 60);
    response.writeHead(isWell ? 200 : 500).end();
  });
  const { id } = await on.subscribe(to.url, { max_in_flight: 10, failing_since: new Date() });
  await on.record(20);
  await until(() => to.received.length >= 10, 'it is tried');
  assert.equal(to.mostOpen, 2);
  isWell = true;
  await on.record(60);
  const left = () => on.admin.query('select from webhook_queue where subscription_id = $1', [id]);
  await until(async () => (await left()).rowCount === 0, 'all are done');
  assert.equal(to.mostOpen, 10);
});
