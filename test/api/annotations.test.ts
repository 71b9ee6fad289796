import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import pg from 'pg';
import type { components, operations } from '../../generated/openapi.ts';
import { accepted, collectPages, fetchLocation, places, refused, UNKNOWN_ID } from '../support/responses.ts';
import { createWidget, type TestServer, testServer } from '../support/server.ts';
import { clockTick } from '../support/wait.ts';

type Query = NonNullable<operations['listAnnotations']['parameters']['query']>;

let server: TestServer;
let hubId: string;
let widgetId: string;

before(async () => {
  server = await testServer();
  ({ hubId, widgetId } = await createWidget(server.api));
});
after(() => server.close());

const post = (about: object = {}) => {
  const body = { widget_id: widgetId, category: 'bug', body: 'Broken.', ...about };
  return server.api.POST('/api/v2/annotations', { body: body as components['schemas']['AnnotationCreate'] });
};
const list = (query: Query) => server.api.GET('/api/v2/annotations', { params: { query } });
const listed = async (query: Query) => accepted(await list(query)).data.map(({ id }) => id);
const read = (annotation_id: string) =>
  server.api.GET('/api/v2/annotations/{annotation_id}', { params: { path: { annotation_id } } });
const resolve = (annotation_id: string, body: components['schemas']['AnnotationResolve'] = {}) =>
  server.api.POST('/api/v2/annotations/{annotation_id}/resolution', { params: { path: { annotation_id } }, body });
const someEvent = async (widget_id = widgetId) => {
  const body = { widget_id, event_type: 'clicked' } as const;
  return accepted(await server.api.POST('/api/v2/interaction-events', { body }), 201).id;
};

test('an annotation is stored as sent, with status open, and Location leads to it', async () => {
  const event_id = await someEvent();
  const result = await post({ event_id, author: 'mara', body: 'Line\nbreak, “quotes” 👍' });
  const { id, created_at, ...stored } = accepted(result, 201);
  assert.deepEqual(stored, {
    hub_id: hubId,
    widget_id: widgetId,
    event_id,
    category: 'bug',
    body: 'Line\nbreak, “quotes” 👍',
    author: 'mara',
    status: 'open',
    resolved_at: null,
    resolved_by: null,
    resolution: null,
  });
  assert.deepEqual(await fetchLocation(server, result), { id, created_at, ...stored });
});

test('event and author of an annotation are optional', async () => {
  const { event_id, author } = accepted(await post(), 201);
  assert.deepEqual([event_id, author], [null, null]);
});

test('an unknown widget, an unknown event and an event of another widget are rejected at their pointers', async () => {
  const other = await createWidget(server.api);
  assert.deepEqual(places(await post({ widget_id: UNKNOWN_ID })), ['#/widget_id unknown_reference']);
  assert.deepEqual(places(await post({ event_id: UNKNOWN_ID })), ['#/event_id unknown_reference']);
  const elsewhere = await someEvent(other.widgetId);
  assert.deepEqual(places(await post({ event_id: elsewhere })), ['#/event_id unknown_reference']);
});

test('an unknown category is rejected with the nearest one as a suggestion', async () => {
  const [failure] = refused(await post({ category: 'bgu' }), 422).errors ?? [];
  assert.deepEqual([failure?.pointer, failure?.code, failure?.suggestion], ['#/category', 'unknown_value', 'bug']);
});

test('an annotation is resolved once, with author, text and time; a second resolution is a conflict', async () => {
  const before = accepted(await post(), 201);
  const resolved = accepted(await resolve(before.id, { resolved_by: 'jon', resolution: 'Fixed.' }));
  const { resolved_at } = resolved;
  assert.deepEqual(resolved, { ...before, status: 'resolved', resolved_by: 'jon', resolution: 'Fixed.', resolved_at });
  assert.ok(Math.abs(Date.parse(resolved_at ?? '') - Date.now()) < 60_000);
  assert.match(
    refused(await resolve(before.id, { resolved_by: 'eve' }), 409).detail ?? '',
    /was already resolved at 20/,
  );
  assert.deepEqual(accepted(await read(before.id)), resolved);
});

test('of concurrent resolutions one succeeds, and its author is stored', async () => {
  const { id } = accepted(await post(), 201);
  const names = Array.from({ length: 12 }, (_, number) => `person-${number}`);
  const results = await Promise.all(names.map((name) => resolve(id, { resolved_by: name })));
  const winners = names.filter((_, index) => results[index]?.response.status === 200);
  assert.equal(winners.length, 1);
  assert.equal(results.filter(({ response }) => response.status === 409).length, 11);
  assert.equal(accepted(await read(id)).resolved_by, winners[0]);
});

test('an unknown annotation can be neither read nor resolved', async () => {
  refused(await read(UNKNOWN_ID), 404);
  refused(await resolve(UNKNOWN_ID), 404);
  assert.deepEqual(places(await read('x')), ['annotation_id format']);
});

test('a resolution may be empty, and its fields are validated', async () => {
  const { id } = accepted(await post(), 201);
  assert.deepEqual(places(await resolve(id, { resolved_by: '', by: 'me' } as object)), [
    '#/by additional_properties',
    '#/resolved_by min_length',
  ]);
  assert.equal(accepted(await resolve(id)).resolved_by, null);
});

test('filters by hub, widget, event, category and status narrow the list, alone and together', async () => {
  const one = await createWidget(server.api);
  const event_id = await someEvent(one.widgetId);
  const bug = accepted(await post({ widget_id: one.widgetId }), 201).id;
  const idea = accepted(await post({ widget_id: one.widgetId, category: 'idea', event_id }), 201).id;
  accepted(await resolve(bug));
  assert.deepEqual(await listed({ widget_id: one.widgetId, hub_id: one.hubId }), [idea, bug]);
  assert.deepEqual(await listed({ widget_id: one.widgetId }), [idea, bug]);
  assert.deepEqual(await listed({ event_id }), [idea]);
  assert.deepEqual(await listed({ widget_id: one.widgetId, category: 'bug' }), [bug]);
  assert.deepEqual(await listed({ widget_id: one.widgetId, status: 'open' }), [idea]);
  assert.deepEqual(await listed({ widget_id: one.widgetId, status: 'resolved', category: 'idea' }), []);
  assert.deepEqual(await listed({ widget_id: one.widgetId, hub_id: UNKNOWN_ID }), []);
  assert.deepEqual(places(await list({ status: 'closed' as 'open' })), ['status enum']);
});

test('`since` includes and `until` excludes the exact time of an annotation', async () => {
  const { widgetId: widget_id } = await createWidget(server.api);
  const made = [];
  for (let i = 0; i < 3; i++, await clockTick()) made.push(accepted(await post({ widget_id }), 201));
  const [first, second, third] = made.map(({ id }) => id);
  const time = made[1]?.created_at ?? '';
  assert.deepEqual(await listed({ widget_id, since: time }), [third, second]);
  assert.deepEqual(await listed({ widget_id, until: time }), [first]);
});

test('pages return every annotation once, newest first, while others are being created and resolved', async () => {
  const { widgetId: widget_id } = await createWidget(server.api);
  const ids: string[] = [];
  for (let i = 0; i < 9; i++) ids.unshift(accepted(await post({ widget_id }), 201).id);
  const page = (cursor?: string) => list({ widget_id, limit: 2, ...(cursor && { cursor }) });
  const between = () => Promise.all([post({ widget_id }), resolve(ids.at(-1) as string)]);
  const all = await collectPages(page, between);
  assert.deepEqual(
    all.map(({ id }) => id),
    ids,
  );
});

test('a cursor of another list and a malformed one are rejected by name', async () => {
  await someEvent();
  await someEvent();
  const { next_cursor } = accepted(
    await server.api.GET('/api/v2/interaction-events', { params: { query: { limit: 1 } } }),
  );
  for (const cursor of [next_cursor ?? '', 'garbage'])
    assert.deepEqual(places(await list({ cursor })), ['cursor invalid_cursor']);
});

test('an annotation with a retired category can still be read, filtered and resolved', async () => {
  const db = new pg.Client(server.databaseUrl);
  await db.connect();
  await db.query(`insert into annotation_categories (name, label) values ('passing', 'Passing')`);
  const { id } = accepted(await post({ category: 'passing' }), 201);
  await db.query(`update annotation_categories set status = 'retired' where name = 'passing'`);
  await db.end();
  await server.contract.catchUp();
  assert.equal(accepted(await read(id)).category, 'passing');
  assert.deepEqual(await listed({ category: 'passing' }), [id]);
  assert.equal(accepted(await resolve(id)).status, 'resolved');
  assert.deepEqual(places(await post({ category: 'passing' })), ['#/category retired_value']);
});
