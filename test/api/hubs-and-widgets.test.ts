import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accepted, collectPages, fetchLocation, places, refused, UNKNOWN_ID } from '../support/responses.ts';
import { createWidget, type TestServer, testServer } from '../support/server.ts';

let server: TestServer;
let api: TestServer['api'];
let hubId: string;
let widgetId: string;

before(async () => {
  server = await testServer();
  api = server.api;
  ({ hubId, widgetId } = await createWidget(api));
});
after(() => server.close());

let made = 0;
const uniqueName = () => `name-${++made}`;
const postWidget = (about: { hub_id?: string; key?: string; widget_type?: 'button' | 'link' } = {}) =>
  api.POST('/api/v2/widgets', {
    body: { hub_id: hubId, key: uniqueName(), widget_type: 'button', name: 'Pay', ...about },
  });
const readWidgets = (query: NonNullable<Parameters<typeof listWidgets>[0]>) => listWidgets(query).then(accepted);
const listWidgets = (query: { hub_id?: string; widget_type?: string; key?: string; limit?: number; cursor?: string }) =>
  api.GET('/api/v2/widgets', { params: { query } });
const patchWidget = (widget_id: string, body: Record<string, unknown>) =>
  api.PATCH('/api/v2/widgets/{widget_id}', { params: { path: { widget_id } }, body });

test('a caller reads only its own hub, in the list and by id', async () => {
  const { data } = accepted(await api.GET('/api/v2/hubs'));
  assert.deepEqual(
    data.map(({ id }) => id),
    [hubId],
  );
  const path = { hub_id: hubId };
  assert.deepEqual(accepted(await api.GET('/api/v2/hubs/{hub_id}', { params: { path } })), data[0]);
});

test('unknown hubs and widgets are 404', async () => {
  const problem = refused(await api.GET('/api/v2/hubs/{hub_id}', { params: { path: { hub_id: UNKNOWN_ID } } }), 404);
  assert.match(problem.detail ?? '', new RegExp(UNKNOWN_ID));
  refused(await api.GET('/api/v2/widgets/{widget_id}', { params: { path: { widget_id: UNKNOWN_ID } } }), 404);
  refused(await patchWidget(UNKNOWN_ID, { name: 'x' }), 404);
});

test('a malformed id is rejected by its parameter', async () => {
  for (const id of ['1', 'x', `urn:uuid:${UNKNOWN_ID}`, `{${UNKNOWN_ID}}`, UNKNOWN_ID.slice(1), `${UNKNOWN_ID}0`]) {
    const path = { hub_id: id };
    assert.deepEqual(places(await api.GET('/api/v2/hubs/{hub_id}', { params: { path } })), ['hub_id format'], id);
    assert.deepEqual(places(await postWidget({ hub_id: id })), ['#/hub_id format'], id);
    assert.deepEqual(places(await listWidgets({ hub_id: id })), ['hub_id format'], id);
  }
});

test('a widget is stored as sent, and Location leads to it', async () => {
  const body = {
    hub_id: hubId,
    key: 'cart/#1 ?',
    widget_type: 'link',
    name: 'Cart',
    attributes: { a: [1, null] },
  } as const;
  const result = await api.POST('/api/v2/widgets', { body });
  const { id, created_at, updated_at, ...stored } = accepted(result, 201);
  assert.deepEqual(stored, { ...body, description: null });
  assert.deepEqual(await fetchLocation(server, result), { id, created_at, updated_at, ...stored });
  assert.deepEqual(
    (await readWidgets({ hub_id: hubId, key: body.key })).data.map((widget) => widget.id),
    [id],
  );
});

test('a widget key is unique in its hub, also under concurrency, and free in another hub', async () => {
  const results = await Promise.all(Array.from({ length: 8 }, () => postWidget({ key: 'contested' })));
  assert.deepEqual(results.map(({ response }) => response.status).sort(), [201, ...Array(7).fill(409)]);
  assert.match(refused(await postWidget({ key: 'contested' }), 409).detail ?? '', /'contested' is taken/);
  const other = await server.anotherCaller();
  const body = { key: 'contested', widget_type: 'button', name: 'Pay' } as const;
  accepted(await other.api.POST('/api/v2/widgets', { body }), 201);
});

test('a widget of an unknown hub is rejected at hub_id', async () => {
  assert.deepEqual(places(await postWidget({ hub_id: UNKNOWN_ID })), ['#/hub_id unknown_reference']);
});

test('an update sets the fields it contains and keeps the others', async () => {
  const before = accepted(await postWidget(), 201);
  const renamed = accepted(await patchWidget(before.id, { name: 'New', description: 'Said' }));
  assert.deepEqual(renamed, { ...before, name: 'New', description: 'Said', updated_at: renamed.updated_at });
  assert.ok(renamed.updated_at >= before.updated_at);
  const cleared = accepted(await patchWidget(before.id, { description: null, attributes: {}, widget_type: 'link' }));
  assert.deepEqual([cleared.description, cleared.attributes, cleared.widget_type], [null, {}, 'link']);
  assert.equal(cleared.name, 'New');
});

test('an empty update, or one of an immutable field, is rejected', async () => {
  assert.deepEqual(places(await patchWidget(widgetId, {})), ['# min_properties']);
  assert.deepEqual(places(await patchWidget(widgetId, { key: 'x' })), ['#/key additional_properties']);
  assert.deepEqual(places(await patchWidget(widgetId, { name: null })), ['#/name type']);
});

test('filters narrow the list, alone and together', async () => {
  const button = accepted(await postWidget(), 201).id;
  const link = accepted(await postWidget({ widget_type: 'link', key: 'l' }), 201).id;
  const ids = async (query: Parameters<typeof readWidgets>[0]) => (await readWidgets(query)).data.map(({ id }) => id);
  assert.deepEqual(await ids({ hub_id: hubId, limit: 2 }), [link, button]);
  assert.deepEqual(await ids({ widget_type: 'button', limit: 1 }), [button]);
  assert.deepEqual(await ids({ widget_type: 'link', key: 'l' }), [link]);
  assert.deepEqual(await ids({ widget_type: 'button', key: 'l' }), []);
  assert.deepEqual(await ids({ hub_id: UNKNOWN_ID }), []);
});

test('pages of every size return the whole list, newest first, while widgets are being added', async () => {
  for (let i = 0; i < 7; i++) accepted(await postWidget(), 201);
  for (const limit of [1, 2, 3, 7, 200]) {
    const before = accepted(await listWidgets({ limit: 200 })).data.map(({ id }) => id);
    assert.deepEqual(before, [...before].sort().reverse());
    const page = (cursor?: string) => listWidgets({ limit, ...(cursor && { cursor }) });
    const all = await collectPages(page, () => postWidget());
    assert.deepEqual(
      all.map(({ id }) => id),
      before,
      `limit ${limit}`,
    );
  }
});

test('a cursor of another list and a malformed one are rejected by name', async () => {
  const path = { registry: 'event_types' as const };
  const values = await api.GET('/api/v2/registries/{registry}/values', { params: { path, query: { limit: 1 } } });
  const ofValues = accepted(values).next_cursor ?? '';
  const hostile = Buffer.from("widgets:' or 1=1").toString('base64url');
  for (const cursor of [ofValues, 'garbage', '%00', hostile, Buffer.from('widgets:').toString('base64url')]) {
    assert.deepEqual(places(await listWidgets({ cursor })), ['cursor invalid_cursor'], cursor);
  }
  assert.deepEqual(places(await listWidgets({ cursor: '' })), ['cursor min_length']);
});

test('a limit outside of 1 to 200 is rejected', async () => {
  for (const limit of [0, 201, -1, 1.5]) assert.match(String(places(await listWidgets({ limit }))), /^limit \w+$/);
});

test('a string with U+0000 is rejected, not an internal error', async () => {
  const result = await postWidget({ key: 'a\0b' });
  assert.equal(refused(result, 422).errors?.[0]?.code, 'unsupported_character');
  assert.equal(refused(await listWidgets({ key: 'a\0b' }), 422).errors?.[0]?.code, 'unsupported_character');
});
