import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import pg from 'pg';
import type { components } from '../../generated/openapi.ts';
import { blockNotifications, newEventType, retryUntilUnheard } from '../support/registry.ts';
import { accepted, collectPages, fetchLocation, places, refused, UNKNOWN_ID } from '../support/responses.ts';
import { createWidget, type TestServer, testServer } from '../support/server.ts';
import { clockTick } from '../support/wait.ts';

type NewEvent = components['schemas']['InteractionEventCreate'];

let server: TestServer;
let db: pg.Client;
let widgetId: string;

before(async () => {
  server = await testServer();
  db = new pg.Client(server.databaseUrl);
  await db.connect();
  ({ widgetId } = await createWidget(server.api));
});
after(async () => {
  await db.end();
  await server.close();
});

const event = (about: object = {}) => ({ widget_id: widgetId, event_type: 'clicked', ...about }) as NewEvent;
const post = (about: object = {}) => server.api.POST('/api/v2/interaction-events', { body: event(about) });
const list = (query: Record<string, unknown>) =>
  server.api.GET('/api/v2/interaction-events', { params: { query: query as { limit?: number } } });
const listed = async (query: Record<string, unknown>) => accepted(await list(query)).data.map(({ id }) => id);
const countOn = async (widget: string) =>
  (await db.query('select count(*)::int from interaction_events where widget_id = $1', [widget])).rows[0].count;

test('an event is stored as sent, in the hub of its widget, and Location leads to it', async () => {
  const { hubId, widgetId } = await createWidget(server.api);
  const sent = { widget_id: widgetId, event_type: 'clicked', actor_id: 'a b', session_id: '日本' } as const;
  const result = await post({ ...sent, occurred_at: '2026-01-31T23:59:59.123456+02:00' });
  const stored = accepted(result, 201);
  const { id, recorded_at } = stored;
  const occurred_at = '2026-01-31T21:59:59.123Z';
  assert.deepEqual(stored, { ...sent, id, hub_id: hubId, occurred_at, recorded_at, properties: {} });
  assert.deepEqual(await fetchLocation(server, result), stored);
});

test('omitted fields of an event default to now, null and empty', async () => {
  const stored = accepted(await post(), 201);
  assert.ok(Math.abs(Date.parse(stored.occurred_at) - Date.now()) < 60_000);
  assert.deepEqual([stored.actor_id, stored.session_id, stored.properties], [null, null, {}]);
});

test('an event that does not exist is 404', async () => {
  const params = { path: { event_id: UNKNOWN_ID } };
  refused(await server.api.GET('/api/v2/interaction-events/{event_id}', { params }), 404);
});

test('an event on an unknown widget is rejected at widget_id', async () => {
  assert.deepEqual(places(await post({ widget_id: UNKNOWN_ID })), ['#/widget_id unknown_reference']);
});

test('filters by hub, widget and type narrow the list, alone and together', async () => {
  const one = await createWidget(server.api);
  const two = await createWidget(server.api);
  const clicked = accepted(await post({ widget_id: one.widgetId }), 201).id;
  const viewed = accepted(await post({ widget_id: one.widgetId, event_type: 'viewed' }), 201).id;
  const other = accepted(await post({ widget_id: two.widgetId, event_type: 'viewed' }), 201).id;
  assert.deepEqual(await listed({ hub_id: one.hubId, limit: 3 }), [other, viewed, clicked]);
  assert.deepEqual(await listed({ widget_id: two.widgetId }), [other]);
  assert.deepEqual(await listed({ event_type: 'viewed', limit: 2 }), [other, viewed]);
  assert.deepEqual(await listed({ hub_id: one.hubId, widget_id: one.widgetId, event_type: 'clicked' }), [clicked]);
  assert.deepEqual(await listed({ hub_id: UNKNOWN_ID, widget_id: two.widgetId }), []);
});

test('`since` includes and `until` excludes the exact time of an event', async () => {
  const { widgetId } = await createWidget(server.api);
  const stored = [];
  for (let i = 0; i < 3; i++, await clockTick()) stored.push(accepted(await post({ widget_id: widgetId }), 201));
  const [first, second, third] = stored.map(({ id }) => id);
  const time = stored[1]?.recorded_at ?? '';
  const at = (ms: number) => new Date(Date.parse(time) + ms).toISOString();
  const within = (query: object) => listed({ widget_id: widgetId, ...query });
  assert.deepEqual(await within({ since: time }), [third, second]);
  assert.deepEqual(await within({ since: at(1) }), [third]);
  assert.deepEqual(await within({ until: time }), [first]);
  assert.deepEqual(await within({ until: at(1) }), [second, first]);
  assert.deepEqual(await within({ since: time, until: at(1) }), [second]);
  assert.deepEqual(await within({ since: time, until: time }), []);
  const microsecondLater = at(0).replace('Z', '001Z');
  assert.deepEqual(await within({ since: microsecondLater }), [third]);
  const elsewhere = at(3 * 3_600_000).replace('Z', '+03:00');
  assert.deepEqual(await within({ since: elsewhere }), [third, second]);
});

test('times before 1970 and in the year 9999 are valid bounds', async () => {
  const { widgetId } = await createWidget(server.api);
  const { id } = accepted(await post({ widget_id: widgetId }), 201);
  for (const time of ['1969-12-31T23:59:59.999Z', '0001-01-01T00:00:00Z']) {
    assert.deepEqual(await listed({ widget_id: widgetId, since: time }), [id], time);
    assert.deepEqual(await listed({ widget_id: widgetId, until: time }), [], time);
  }
  assert.deepEqual(await listed({ widget_id: widgetId, until: '9999-12-31T23:59:59Z' }), [id]);
});

test('pages return every event once, newest first, while others are being recorded', async () => {
  const { widgetId } = await createWidget(server.api);
  const events = Array.from({ length: 60 }, () => event({ widget_id: widgetId }));
  const batch = accepted(await server.api.POST('/api/v2/interaction-event-batches', { body: { events } }));
  const ids = batch.results.map(({ id }) => id as string).reverse();
  const page = (cursor?: string) => list({ widget_id: widgetId, limit: 7, ...(cursor && { cursor }) });
  const all = await collectPages(page, () => Promise.all([1, 2, 3].map(() => post({ widget_id: widgetId }))));
  assert.deepEqual(
    all.map(({ id }) => id),
    ids,
  );
});

test('a cursor of another list and a malformed one are rejected by name', async () => {
  const { next_cursor } = accepted(await server.api.GET('/api/v2/widgets', { params: { query: { limit: 1 } } }));
  for (const cursor of [
    next_cursor,
    'x',
    '=',
    '../',
    Buffer.from(`interaction_events:${UNKNOWN_ID}0`).toString('base64url'),
  ]) {
    assert.deepEqual(places(await list({ cursor })), ['cursor invalid_cursor'], String(cursor));
  }
});

test('concurrent events are stored once each, and each caller gets its own', async () => {
  const { widgetId } = await createWidget(server.api);
  const numbers = Array.from({ length: 200 }, (_, number) => number);
  const outcomes = await Promise.all(numbers.map((number) => post({ widget_id: widgetId, properties: { number } })));
  const stored = outcomes.map((result) => accepted(result, 201));
  assert.deepEqual(
    stored.map(({ properties }) => properties.number),
    numbers,
  );
  assert.equal(new Set(stored.map(({ id }) => id)).size, 200);
  assert.equal(await countOn(widgetId), 200);
});

test('an invalid event fails alone, whatever batch it is in', async (t) => {
  await blockNotifications(t, db);
  const { widgetId, outcomes } = await retryUntilUnheard(async () => {
    const { widgetId } = await createWidget(server.api);
    const retired = await newEventType(db);
    accepted(await post({ event_type: retired }), 201);
    await db.query(`update event_types set status = 'retired' where name = $1`, [retired]);
    const faults = new Map<number, object>([
      [11, { widget_id: UNKNOWN_ID }],
      [22, { event_type: retired }],
    ]);
    const outcomes = await Promise.all(
      Array.from({ length: 60 }, (_, place) => post({ widget_id: widgetId, ...faults.get(place) })),
    );
    // Otherwise validation would reject it, and it would never reach a batch.
    const unknown = server.contract.current.values.get('event_types')?.get(retired)?.status === 'active';
    return unknown ? { widgetId, outcomes } : undefined;
  });
  assert.deepEqual(outcomes.splice(22, 1).map(places), [['#/event_type retired_value']]);
  assert.deepEqual(outcomes.splice(11, 1).map(places), [['#/widget_id unknown_reference']]);
  for (const result of outcomes) accepted(result, 201);
  assert.equal(await countOn(widgetId), 58);
});
