import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accepted } from '../support/responses.ts';
import { createWidget, type TestServer, testServer } from '../support/server.ts';
import { waitFor } from '../support/wait.ts';
import { type WebhookReceiver, webhookReceiver } from '../webhooks/harness.ts';

let server: TestServer;
let receiver: WebhookReceiver;
let widgetId: string;
let subscriptionId: string;

before(async () => {
  server = await testServer();
  receiver = await webhookReceiver();
  const body = {
    url: receiver.url,
    topics: ['interaction.recorded', 'annotation.resolved', 'contract.revised'] as never,
  };
  subscriptionId = accepted(await server.api.POST('/api/v2/webhook-subscriptions', { body }), 201).subscription.id;
  ({ widgetId } = await createWidget(server.api));
});
after(async () => {
  receiver.close();
  await server.close();
});

const record = async (occurred_at: string) => {
  const body = { widget_id: widgetId, event_type: 'clicked' as const, occurred_at };
  return accepted(await server.api.POST('/api/v2/interaction-events', { body }), 201);
};

/** Every time in a body, with where it is. */
function* timesIn(value: unknown, place = ''): Generator<string> {
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value)) yield `${place} ${value}`;
  if (value === null || typeof value !== 'object') return;
  for (const [key, child] of Object.entries(value)) yield* timesIn(child, `${place}/${key}`);
}

function assertTimes(value: unknown, place: string): number {
  const times = [...timesIn(value, place)];
  for (const time of times) assert.match(time, / \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  return times.length;
}

test('a time is returned in UTC with exactly three decimals, however precise it was sent', async () => {
  const sent = ['2026-11-20T09:36:59Z', '2026-11-20T09:36:59.1Z', '2026-11-20T11:36:59.123999+02:00'];
  const returned: string[] = [];
  for (const each of sent) returned.push((await record(each)).occurred_at);
  assert.deepEqual(returned, ['2026-11-20T09:36:59.000Z', '2026-11-20T09:36:59.100Z', '2026-11-20T09:36:59.123Z']);
});

test('every time in the API and in webhook messages has exactly three decimals', async () => {
  const { id: event_id } = await record('2026-11-20T09:36:59.123456Z');
  const annotation = {
    widget_id: widgetId,
    event_id,
    category: 'bug' as const,
    body: 'Stays disabled.',
    author: 'mara',
  };
  const { id } = accepted(await server.api.POST('/api/v2/annotations', { body: annotation }), 201);
  const resolve = { params: { path: { annotation_id: id } }, body: { resolved_by: 'jon' } };
  accepted(await server.api.POST('/api/v2/annotations/{annotation_id}/resolution', resolve));
  const added = await server.installation.POST('/api/v2/registries/{registry}/values', {
    params: { path: { registry: 'event_types' } },
    body: { name: 'hovered', label: 'Hovered' },
  });
  accepted(added, 201);
  const deprecation = { status: 'deprecated' as const, sunset_at: '2027-03-31T00:00:00Z' };
  const params = { path: { registry: 'event_types' as const, value_name: 'hovered' } };
  const path = '/api/v2/registries/{registry}/values/{value_name}';
  accepted(await server.installation.PATCH(path, { params, body: deprecation }));
  const topics = () => new Set(receiver.received.map(({ topic }) => topic)).size;
  await waitFor(() => topics() === 3, 'a message of each topic arrives');
  for (const { message } of receiver.received) assert.ok(assertTimes(message, message.type) >= 2);

  const lists = [
    ['hubs', 'widgets', 'interaction-events', 'annotations', 'webhook-subscriptions'],
    [`webhook-subscriptions/${subscriptionId}/attempts`, 'registries/event_types/values', 'contract/revisions'],
  ].flat();
  for (const list of lists) {
    const response = await server.fetch(`/api/v2/${list}`);
    assert.ok(assertTimes(await response.json(), list) > 0, list);
  }
  assertTimes(await (await server.fetch('/api/v2/openapi.json')).json(), 'openapi.json');
});

test('a filter with a returned time includes the row, although the stored time is more precise', async () => {
  const { id, recorded_at } = await record('2026-11-20T09:36:59Z');
  const query = { since: recorded_at };
  const { data } = accepted(await server.api.GET('/api/v2/interaction-events', { params: { query } }));
  assert.ok(data.some((event) => event.id === id));
});
