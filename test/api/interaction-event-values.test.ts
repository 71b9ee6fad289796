import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { components } from '../../generated/openapi.ts';
import { OPERATIONS } from '../../generated/operations.ts';
import { accepted, places } from '../support/responses.ts';
import { createWidget, type TestServer, testServer } from '../support/server.ts';

let server: TestServer;
let widgetId: string;

before(async () => {
  server = await testServer();
  ({ widgetId } = await createWidget(server.api));
});
after(() => server.close());

const event = (about: object = {}) =>
  ({ widget_id: widgetId, event_type: 'clicked', ...about }) as components['schemas']['InteractionEventCreate'];
const post = (about: object = {}) => server.api.POST('/api/v2/interaction-events', { body: event(about) });
const list = (query: object) => server.api.GET('/api/v2/interaction-events', { params: { query } });

test('numbers, strings and nested JSON in properties are returned as sent', async () => {
  let deep: unknown = 'bottom';
  for (let level = 0; level < 45; level++) deep = { deep: [deep] };
  const properties = {
    numbers: [0, -1, 0.1, 1e308, 5e-324, 2 ** 53 - 1, -1.7976931348623157e308, 1e21, 123456.789e-20],
    texts: ['', ' ', '\\u0000', '</script>', '"\'`', '👩‍👩‍👧', '\u2028', '\u0001', 'a'.repeat(10_000)],
    others: [true, false, null, [], {}, [[[]]]],
    '': { '/~ %': 1, 'a.b': 2, constructor: 3 },
    ...JSON.parse('{"__proto__": {"polluted": true}}'),
    deep,
  };
  const stored = accepted(await post({ properties }), 201);
  assert.deepEqual(stored.properties, properties);
  const params = { path: { event_id: stored.id } };
  const read = accepted(await server.api.GET('/api/v2/interaction-events/{event_id}', { params }));
  assert.deepEqual(read.properties, properties);
});

test('JSON that Postgres cannot store is rejected at its pointer', async () => {
  const rejectedProperties = [
    ['{"a": ["x\\u0000"]}', '#/properties/a/0 unsupported_character'],
    ['{"a": {"\\u0000": 1}}', '#/properties/a unsupported_character'],
    ['{"a": "\\ud83d"}', '#/properties/a unsupported_character'],
    ['{"a/b": 1e400}', '#/properties/a~1b unsupported_number'],
  ];
  const headers = { 'Content-Type': 'application/json' };
  for (const [properties, place] of rejectedProperties) {
    const body = `{"widget_id": "${widgetId}", "event_type": "clicked", "properties": ${properties}}`;
    const response = await server.fetch('/api/v2/interaction-events', { method: 'POST', headers, body });
    assert.deepEqual(places({ response, error: await response.json() }), [place], properties);
  }
  assert.deepEqual(places(await post({ actor_id: 'a\0' })), ['#/actor_id unsupported_character']);
  assert.deepEqual(places(await list({ cursor: '\0' })), ['cursor unsupported_character']);
});

test('JSON of any depth is stored or rejected, never an internal error', async () => {
  for (const depth of [90, 101, 3_000, 10_000, 300_000]) {
    for (const field of ['properties', 'actor_id', 'widget_id']) {
      const value = `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
      const body = JSON.stringify({ ...event(), [field]: 0 }).replace(`"${field}":0`, `"${field}":${value}`);
      const headers = { 'Content-Type': 'application/json' };
      const response = await server.fetch('/api/v2/interaction-events', { method: 'POST', headers, body });
      const isTooLarge = body.length > OPERATIONS.createInteractionEvent.maxBodyBytes;
      const rejected = isTooLarge ? 413 : 422;
      assert.equal(response.status, field === 'properties' && depth === 90 ? 201 : rejected, `${field} ${depth}`);
      await response.arrayBuffer();
    }
  }
});

test('a time in the years 1 to 9999 is stored to the microsecond and returned to the millisecond; other values are rejected', async () => {
  for (const time of ['0001-01-01T00:00:00.000', '9999-12-31T23:59:59.999', '2024-02-29T12:00:00.000']) {
    const { id, occurred_at } = accepted(await post({ occurred_at: `${time}001Z` }), 201);
    assert.equal(occurred_at, `${time}Z`);
    const [stored] = await server.database.query<{ same: boolean }>(
      'select occurred_at = $2 as same from interaction_events where hub_id = $3 and id = $1',
      [id, `${time}001Z`, server.caller.hubId],
    );
    assert.ok(stored?.same);
  }
  const leap = accepted(await post({ occurred_at: '2016-12-31t23:59:60z' }), 201);
  assert.equal(leap.occurred_at, '2017-01-01T00:00:00.000Z');
  const beyond = ['0000-12-31T23:59:59Z', '0001-01-01T00:00:00+00:01', '9999-12-31T23:59:59-00:01'];
  const none = ['2026-02-29T00:00:00Z', '2026-13-01T00:00:00Z', '2026-01-01T24:00:00Z', '2026-01-01T00:00:00+23:00'];
  for (const time of [...beyond, ...none, '2026-01-01', '2026-01-01T00:00:00', 'infinity', 'now']) {
    assert.deepEqual(places(await post({ occurred_at: time })), ['#/occurred_at format'], time);
    assert.deepEqual(places(await list({ since: time })), ['since format'], time);
  }
});
