import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import pg from 'pg';
import { Webhook } from 'standardwebhooks';
import type { components } from '../../generated/openapi.ts';
import { startServer } from '../../server/server.ts';
import { accepted, places, refused, UNKNOWN_ID } from '../support/responses.ts';
import { apiOf, CONFIG, createWidget, type TestServer, testServer } from '../support/server.ts';
import { waitFor } from '../support/wait.ts';
import { type WebhookReceiver, webhookReceiver } from './harness.ts';
import { HOSTILE_HOSTS } from './hostile-hosts.ts';

type Create = components['schemas']['WebhookSubscriptionCreate'];

const TOPICS: Create['topics'] = [
  ...(['widget.registered', 'interaction.recorded', 'annotation.created', 'annotation.resolved'] as const),
  ...(['manifest.status_changed', 'contract.revised'] as const),
];
const PATH = '/api/v2/webhook-subscriptions';
const ONE = '/api/v2/webhook-subscriptions/{subscription_id}';

let server: TestServer;
let db: pg.Client;
let widgetId: string;
const receivers: WebhookReceiver[] = [];

before(async () => {
  server = await testServer();
  db = new pg.Client(server.databaseUrl);
  await db.connect();
  ({ widgetId } = await createWidget(server.api));
});
after(async () => {
  for (const each of receivers) each.close();
  await db.end();
  await server.close();
});

async function startReceiver(...args: Parameters<typeof webhookReceiver>): Promise<WebhookReceiver> {
  const receiver = await webhookReceiver(...args);
  receivers.push(receiver);
  return receiver;
}

async function subscribe(fields: Partial<Create> & { url: string }) {
  const body: Create = { topics: ['interaction.recorded'], ...fields };
  const response = await server.api.POST(PATH, { body });
  const { subscription, secret } = accepted(response, 201);
  return { ...subscription, secret, params: { path: { subscription_id: subscription.id } } };
}

async function report(fields: object = {}): Promise<string> {
  const body = { widget_id: widgetId, event_type: 'clicked' as const, ...fields };
  return accepted(await server.api.POST('/api/v2/interaction-events', { body }), 201).id;
}

/** Waits until every delivery to an active subscription is finished. Nothing more can arrive after that. */
function queueEmpty() {
  const active = `select from webhook_queue join webhook_subscriptions on id = subscription_id where status = 'active'`;
  return waitFor(async () => (await db.query(active)).rowCount === 0, 'the queue is empty');
}

/** Waits until a subscription has received an event that was reported now: the workers have seen all earlier ones. */
async function otherSubscriptionReceives(): Promise<void> {
  const receiver = await startReceiver();
  const { params } = await subscribe({ url: receiver.url });
  await report();
  await waitFor(() => receiver.received.length === 1, 'another subscription receives an event');
  accepted(await server.api.DELETE(ONE, { params }));
}

test('every topic arrives signed, valid by its schema in the contract, and equal to what the API returns', async () => {
  const receiver = await startReceiver();
  const { secret } = await subscribe({ url: receiver.url, topics: TOPICS });
  const widget = accepted(
    await server.api.POST('/api/v2/widgets', { body: { key: 'topics', widget_type: 'chart', name: 'Topics' } }),
    201,
  );
  const event = accepted(
    await server.api.POST('/api/v2/interaction-events', {
      body: { widget_id: widget.id, event_type: 'viewed', properties: { deep: { number: 1.5, text: '日本' } } },
    }),
    201,
  );
  const annotation = accepted(
    await server.api.POST('/api/v2/annotations', { body: { widget_id: widget.id, category: 'idea', body: 'Larger' } }),
    201,
  );
  const resolution = { params: { path: { annotation_id: annotation.id } }, body: { resolution: 'Done' } };
  const resolved = accepted(await server.api.POST('/api/v2/annotations/{annotation_id}/resolution', resolution));
  await db.query(`insert into event_types (name, label) values ('told', 'Told')`);
  const { rows } = await db.query(
    `insert into hub_capability_manifests (hub_id, name) values ($1, 'Next year') returning id`,
    [server.caller.hubId],
  );
  await db.query(`update hub_capability_manifests set status = 'retired' where id = $1`, [rows[0].id]);
  await waitFor(() => receiver.received.length === 6, 'all six arrive');
  const sent = Object.fromEntries(receiver.received.map(({ topic, message }) => [topic, message.data]));
  assert.deepEqual(sent['widget.registered'], widget);
  assert.deepEqual(sent['interaction.recorded'], event);
  assert.deepEqual(sent['annotation.created'], annotation);
  assert.deepEqual(sent['annotation.resolved'], resolved);
  assert.deepEqual(
    [sent['manifest.status_changed']?.previous_status, sent['manifest.status_changed']?.status],
    ['draft', 'retired'],
  );
  const { revision, breaking, changes } = sent['contract.revised'] as components['schemas']['RevisedContract'];
  assert.equal(revision, (await db.query('select revision from contract_state')).rows[0].revision);
  assert.deepEqual(breaking, { requests: false, responses: false, generated_code: false });
  assert.deepEqual(
    changes.map(({ kind, subject }) => [kind, subject]),
    [['added', 'event_types.told']],
  );
  const contract = await (await server.fetch('/api/v2/openapi.json')).json();
  const ajv = new Ajv2020({ strict: false });
  addFormats.default(ajv);
  ajv.addSchema(contract, 'contract');
  for (const { body, headers, topic, message } of receiver.received) {
    new Webhook(secret).verify(body, headers as Record<string, string>);
    const at = `/webhooks/${topic}/post/requestBody/content/application~1json/schema`;
    assert.ok(ajv.validate({ $ref: `contract#${at}` }, message), `${topic}: ${ajv.errorsText()}`);
    assert.ok(!ajv.validate({ $ref: `contract#${at}` }, { ...message, data: {} }), topic);
  }
});

test('filters by widget type, event type and category apply to the topics whose payload has such a value', async () => {
  const receiver = await startReceiver();
  const chart = accepted(
    await server.api.POST('/api/v2/widgets', { body: { key: 'filters', widget_type: 'chart', name: 'C' } }),
    201,
  ).id;
  await subscribe({ url: receiver.url, event_type: 'viewed', topics: ['interaction.recorded', 'annotation.created'] });
  await subscribe({ url: receiver.url, widget_type: 'chart' });
  await subscribe({ url: receiver.url, category: 'bug', topics: ['annotation.created'] });
  const byEventType = await report({ event_type: 'viewed' });
  await report();
  const byWidgetType = await report({ widget_id: chart });
  const annotate = (category: 'bug' | 'idea') =>
    server.api.POST('/api/v2/annotations', { body: { widget_id: widgetId, category, body: 'x' } });
  const bug = accepted(await annotate('bug'), 201).id;
  const idea = accepted(await annotate('idea'), 201).id;
  await queueEmpty();
  assert.deepEqual(
    receiver.received.map(({ message }) => message.data.id).sort(),
    [byEventType, byWidgetType, bug, bug, idea].sort(),
  );
});

test('a paused subscription receives nothing until it is resumed, and then what was queued', async () => {
  const receiver = await startReceiver();
  const { params } = await subscribe({ url: receiver.url });
  const paused = accepted(await server.api.PATCH(ONE, { params, body: { status: 'paused' } }));
  assert.deepEqual([paused.status, paused.status_reason], ['paused', 'owner']);
  const id = await report();
  await otherSubscriptionReceives();
  assert.equal(receiver.received.length, 0);
  const active = accepted(await server.api.PATCH(ONE, { params, body: { status: 'active' } }));
  assert.deepEqual([active.status, active.status_reason], ['active', null]);
  const received = () => receiver.received.map(({ message }) => message.data.id);
  await waitFor(() => received().includes(id), 'the queued message arrives');
});

test('during the overlap of a rotation, messages are signed with the old and the new secret', async () => {
  const receiver = await startReceiver();
  const { secret: old, params } = await subscribe({ url: receiver.url, asymmetric: true });
  const rotate = (overlap_seconds: number) =>
    server.api.POST(`${ONE}/secret-rotations`, { params, body: { overlap_seconds } });
  const { subscription, secret: fresh } = accepted(await rotate(60));
  assert.ok(subscription.previous_keys_until);
  assert.match(subscription.public_key ?? '', /^whpk_/);
  await report();
  await waitFor(() => receiver.received.length === 1, 'it arrives');
  const [first] = receiver.received;
  for (const secret of [old, fresh]) new Webhook(secret).verify(first?.body ?? '', first?.headers as never);
  assert.equal(String(first?.headers['webhook-signature']).match(/v1a,/g)?.length, 2);
  const { secret: last } = accepted(await rotate(0));
  await report();
  await waitFor(() => receiver.received.length === 2, 'it arrives');
  const second = receiver.received[1];
  new Webhook(last).verify(second?.body ?? '', second?.headers as never);
  assert.throws(() => new Webhook(fresh).verify(second?.body ?? '', second?.headers as never));
});

test('a test message arrives, and its attempt is listed', async () => {
  const receiver = await startReceiver((response) => response.writeHead(200).end('thanks'));
  const { params } = await subscribe({ url: receiver.url, topics: ['contract.revised'] });
  const { message_id } = accepted(await server.api.POST(`${ONE}/test-messages`, { params }), 202);
  await waitFor(() => receiver.received.length === 1, 'it arrives');
  assert.deepEqual([receiver.received[0]?.id, receiver.received[0]?.topic], [message_id, 'webhook.test']);
  const list = async () => accepted(await server.api.GET(`${ONE}/attempts`, { params })).data;
  await waitFor(async () => (await list()).length === 1, 'it is listed');
  const [attempt] = await list();
  assert.deepEqual([attempt?.message_id, attempt?.succeeded, attempt?.response], [message_id, true, 'thanks']);
  const failed = { params: { ...params, query: { succeeded: false } } };
  assert.deepEqual(accepted(await server.api.GET(`${ONE}/attempts`, failed)).data, []);
});

test('a redelivery has the id and the body of the message', async () => {
  const receiver = await startReceiver();
  const { params } = await subscribe({ url: receiver.url });
  await report();
  await waitFor(() => receiver.received.length === 1, 'it arrives');
  const message_id = receiver.received[0]?.id ?? '';
  accepted(await server.api.POST(`${ONE}/redeliveries`, { params, body: { message_id } }), 202);
  await waitFor(() => receiver.received.length === 2, 'the redelivery arrives');
  assert.equal(receiver.received[1]?.id, message_id);
  assert.equal(receiver.received[1]?.body, receiver.received[0]?.body);
  refused(await server.api.POST(`${ONE}/redeliveries`, { params, body: { message_id: UNKNOWN_ID } }), 404);
});

test('undelivered messages since a time are counted and recovered', async () => {
  const since = new Date().toISOString();
  let isHealthy = false;
  const receiver = await startReceiver((response) => response.writeHead(isHealthy ? 200 : 500).end());
  const { id, params } = await subscribe({ url: receiver.url });
  const lost = [await report(), await report(), await report()];
  const queued = async () =>
    (await db.query('select from webhook_queue where subscription_id = $1', [id])).rowCount as number;
  await waitFor(async () => receiver.received.length === 9 && (await queued()) === 0, 'all have failed');
  isHealthy = true;
  const arrived = await report();
  await waitFor(() => receiver.received.length === 10, 'one arrives');
  const undelivered = async () =>
    accepted(await server.api.GET(`${ONE}/undelivered-messages`, { params: { ...params, query: { since } } }))
      .undelivered;
  await waitFor(async () => (await undelivered()) === 3, 'three are undelivered');
  const response = await server.api.POST(`${ONE}/recoveries`, { params, body: { since } });
  const recovery = accepted(response, 201);
  await waitFor(() => receiver.received.length === 13, 'the three arrive');
  assert.deepEqual(
    receiver.received
      .slice(10)
      .map(({ message }) => message.data.id)
      .sort(),
    lost.sort(),
  );
  assert.ok(!lost.includes(arrived));
  const path = { ...params.path, recovery_id: recovery.id };
  const read = async () => accepted(await server.api.GET(`${ONE}/recoveries/{recovery_id}`, { params: { path } }));
  await waitFor(async () => (await read()).finished_at !== null, 'it is finished');
  assert.equal((await read()).queued, 3);
  await waitFor(async () => (await undelivered()) === 0, 'nothing is undelivered');
});

test('a deleted subscription is gone, with what was queued for it', async () => {
  const receiver = await startReceiver(() => {});
  const { id, params } = await subscribe({ url: receiver.url });
  await report();
  await waitFor(() => receiver.received.length === 1, 'it is in flight');
  accepted(await server.api.DELETE(ONE, { params }));
  refused(await server.api.GET(ONE, { params }), 404);
  assert.equal((await db.query('select from webhook_queue where subscription_id = $1', [id])).rowCount, 0);
  const list = accepted(await server.api.GET(PATH, { params: { query: { limit: 200 } } })).data;
  assert.ok(!list.some((each) => each.id === id));
});

test('a subscription that has ended cannot be changed, and the error says so', async () => {
  const receiver = await startReceiver((response) => response.writeHead(410).end());
  const { params } = await subscribe({ url: receiver.url });
  await report();
  const read = async () => accepted(await server.api.GET(ONE, { params }));
  await waitFor(async () => (await read()).status === 'ended', 'it ends');
  assert.equal((await read()).status_reason, 'gone');
  for (const response of [
    await server.api.PATCH(ONE, { params, body: { status: 'active' } }),
    await server.api.POST(`${ONE}/test-messages`, { params }),
    await server.api.POST(`${ONE}/secret-rotations`, { params, body: {} }),
  ]) {
    assert.match(refused(response, 409).detail ?? '', /ended at .* Create a new one/);
  }
});

test('a subscription to a URL that is not public is rejected', async () => {
  const strict = await startServer(
    { ...CONFIG, webhooks: { allow: [], retries: [], worker: false } },
    server.databaseUrl,
  );
  const api = apiOf(strict.url, server.caller.key);
  // Names are tested with a fixed resolver in ssrf-guard.test.ts.
  for (const host of HOSTILE_HOSTS.filter((each) => !/example\.com|\.internal/.test(each))) {
    const response = await api.POST(PATH, { body: { url: `https://${host}/`, topics: ['contract.revised'] } });
    assert.deepEqual(places(response), ['#/url blocked_url'], host);
  }
  const { params } = await subscribe({ url: 'https://93.184.215.14/' });
  const moved = await api.PATCH(ONE, { params, body: { url: 'http://10.0.0.1/' } });
  assert.deepEqual(places(moved), ['#/url blocked_url']);
  await strict.close();
});

test('a private URL that was stored past the API is not reached either', async () => {
  const { id, params } = await subscribe({ url: 'https://93.184.215.14/' });
  await db.query(`update webhook_subscriptions set url = 'http://169.254.169.254/latest/' where id = $1`, [id]);
  accepted(await server.api.POST(`${ONE}/test-messages`, { params }), 202);
  const list = async () => accepted(await server.api.GET(`${ONE}/attempts`, { params })).data;
  await waitFor(async () => (await list()).length > 0, 'an attempt is made');
  assert.match((await list())[0]?.error ?? '', /169\.254\.169\.254 is not a public IP address/);
});

test("a subscription of another hub does not exist for a caller, and receives none of the caller's events", async () => {
  const other = await server.anotherCaller();
  const receiver = await startReceiver();
  const { params } = await subscribe({ url: receiver.url, topics: TOPICS });
  refused(await other.api.GET(ONE, { params }), 404);
  refused(await other.api.PATCH(ONE, { params, body: { status: 'paused' } }), 404);
  refused(await other.api.DELETE(ONE, { params }), 404);
  const elsewhere = await createWidget(other.api);
  const body = { widget_id: elsewhere.widgetId, event_type: 'clicked' as const };
  accepted(await other.api.POST('/api/v2/interaction-events', { body }), 201);
  await otherSubscriptionReceives();
  await waitFor(() => receiver.received.length === 1, "the caller's own event arrives");
  assert.equal(receiver.received[0]?.message.data.hub_id, server.caller.hubId);
});

test('secrets are encrypted in the database, and only the first response contains one', async () => {
  const receiver = await startReceiver();
  const { id, secret, params } = await subscribe({ url: receiver.url });
  const { rows } = await db.query('select to_jsonb(s)::text as text, keys from webhook_subscriptions s where id = $1', [
    id,
  ]);
  const bytes = Buffer.from(secret.slice('whsec_'.length), 'base64');
  assert.ok(!rows[0].text.includes(secret) && !rows[0].keys.includes(bytes) && !rows[0].keys.includes('whsec_'));
  assert.ok(!JSON.stringify(accepted(await server.api.GET(ONE, { params }))).includes('whsec_'));
});
