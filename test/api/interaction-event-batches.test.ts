import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import pg from 'pg';
import type { components } from '../../generated/openapi.ts';
import { blockNotifications, newEventType, retryUntilUnheard } from '../support/registry.ts';
import { accepted, places, placesIn, UNKNOWN_ID } from '../support/responses.ts';
import { createWidget, type TestServer, testServer } from '../support/server.ts';

type NewEvent = components['schemas']['InteractionEventCreate'];

let server: TestServer;
let db: pg.Client;
let widgetId: string;

before(async () => {
  server = await testServer();
  db = new pg.Client(server.databaseUrl);
  await db.connect();
});
beforeEach(async () => {
  ({ widgetId } = await createWidget(server.api));
});
after(async () => {
  await db.end();
  await server.close();
});

const post = (events: unknown) =>
  server.api.POST('/api/v2/interaction-event-batches', { body: { events: events as NewEvent[] } });
const good = (count: number): object[] =>
  Array.from({ length: count }, (_, number) => ({
    widget_id: widgetId,
    event_type: 'clicked',
    properties: { number },
  }));

/** The numbers that the stored events of the batch were sent with, by event id. */
async function stored(): Promise<Map<string, number>> {
  const { rows } = await db.query(
    `select id, (properties ->> 'number')::int as number from interaction_events where widget_id = $1 order by id`,
    [widgetId],
  );
  return new Map(rows.map(({ id, number }) => [id, number]));
}

test('a batch of 1000 events is recorded, with one result per item in request order', async () => {
  const batch = accepted(await post(good(1000)));
  assert.deepEqual([batch.accepted, batch.rejected], [1000, 0]);
  assert.deepEqual(
    batch.results.map(({ index, status, id }) => [index, status, id]),
    [...(await stored())].map(([id, number]) => [number, 201, id]),
  );
});

test('in a mixed batch, valid events are recorded and each invalid one gets the problem it would get alone', async () => {
  const events: unknown[] = good(1000);
  const faults: Record<number, [unknown, string[]]> = {
    0: [5, ['# type']],
    1: [null, ['# type']],
    7: [{}, ['#/event_type required', '#/widget_id required']],
    100: [{ widget_id: 'x', event_type: 'clicked', extra: 1 }, ['#/extra additional_properties', '#/widget_id format']],
    101: [{ widget_id: widgetId, event_type: 'clickd' }, ['#/event_type unknown_value']],
    102: [{ widget_id: UNKNOWN_ID, event_type: 'clicked' }, ['#/widget_id unknown_reference']],
    103: [{ widget_id: 1, event_type: 'clickd' }, ['#/event_type unknown_value', '#/widget_id type']],
    500: [
      { widget_id: widgetId, event_type: 'clicked', properties: { 'a/b': ['\0'] } },
      ['#/properties/a~1b/0 unsupported_character'],
    ],
    999: [{ widget_id: widgetId, event_type: 'clicked', occurred_at: 'now' }, ['#/occurred_at format']],
  };
  for (const [index, [fault]] of Object.entries(faults)) events[Number(index)] = fault;
  const batch = accepted(await post(events));
  assert.deepEqual([batch.accepted, batch.rejected], [991, 9]);
  const ids = await stored();
  for (const { index, status, id, problem } of batch.results) {
    const fault = faults[index];
    assert.equal(status, fault ? 422 : 201);
    assert.equal(ids.get(id ?? ''), fault ? undefined : index);
    assert.deepEqual(placesIn(problem), fault?.[1] ?? []);
  }
  assert.equal(ids.size, 991);
  const [misspelt] = batch.results[101]?.problem?.errors ?? [];
  assert.equal(misspelt?.suggestion, 'clicked');
});

test('a batch of invalid events only still gets one result per item', async () => {
  const batch = accepted(await post(Array(1000).fill({ widget_id: UNKNOWN_ID, event_type: 'clicked' })));
  assert.deepEqual([batch.accepted, batch.rejected, batch.results.length], [0, 1000, 1000]);
});

test('a batch of 1001 events, of none, or with an invalid body is rejected as a whole', async () => {
  assert.deepEqual(places(await post(good(1001))), ['#/events max_items']);
  assert.deepEqual(places(await post([])), ['#/events min_items']);
  assert.deepEqual(places(await post(undefined)), ['#/events required']);
  assert.deepEqual(places(await post('all')), ['#/events type']);
  const body = { events: [...good(2), 5], more: true } as never;
  const both = await server.api.POST('/api/v2/interaction-event-batches', { body });
  assert.deepEqual(places(both), ['#/events/2 type', '#/more additional_properties']);
  assert.equal((await stored()).size, 0);
});

test('a value that is retired during a batch fails only its own items', async (t) => {
  await blockNotifications(t, db);
  const batch = await retryUntilUnheard(async () => {
    const retired = await newEventType(db);
    await server.contract.catchUp();
    await db.query(`update event_types set status = 'retired', replaced_by = 'clicked' where name = $1`, [retired]);
    const events = good(300).map((event, index) => (index % 100 === 50 ? { ...event, event_type: retired } : event));
    const outcome = accepted(await post(events));
    return server.contract.current.values.get('event_types')?.get(retired)?.status === 'active' ? outcome : undefined;
  });
  const rejected = batch.results.filter(({ status }) => status !== 201);
  assert.deepEqual(
    rejected.map(({ index, problem }) => [index, placesIn(problem), problem?.errors?.[0]?.replaced_by]),
    [50, 150, 250].map((index) => [index, ['#/event_type retired_value'], 'clicked']),
  );
  const recorded = batch.results.flatMap(({ id }) => id ?? []);
  assert.equal(recorded.length, 297);
  const all = await stored();
  for (const id of recorded) assert.ok(all.has(id));
});

test('a node without notifications accepts a value in a batch right after its commit', async (t) => {
  await blockNotifications(t, db);
  const fresh = await newEventType(db);
  const batch = accepted(await post(good(3).map((event) => ({ ...event, event_type: fresh }))));
  assert.equal(batch.accepted, 3);
});
