import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accepted, allOf, atLocation, NOBODY, places, refused } from '../support/answers.ts';
import { someWidget, type TestHub, testHub } from '../support/hub.ts';

let hub: TestHub;
let api: TestHub['api'];
let hubId: string;
let widgetId: string;

before(async () => {
  hub = await testHub();
  api = hub.api;
  ({ hubId, widgetId } = await someWidget(api));
});
after(() => hub.close());

let made = 0;
const uniqueName = () => `name-${++made}`;
const postHub = (slug = uniqueName()) => api.POST('/api/v2/hubs', { body: { slug, name: 'Shop' } });
const postWidget = (about: { hub_id?: string; key?: string; widget_type?: 'button' | 'link' } = {}) =>
  api.POST('/api/v2/widgets', {
    body: { hub_id: hubId, key: uniqueName(), widget_type: 'button', name: 'Pay', ...about },
  });
const readWidgets = (query: NonNullable<Parameters<typeof listWidgets>[0]>) => listWidgets(query).then(accepted);
const listWidgets = (query: { hub_id?: string; widget_type?: string; key?: string; limit?: number; cursor?: string }) =>
  api.GET('/api/v2/widgets', { params: { query } });
const patchWidget = (widget_id: string, body: Record<string, unknown>) =>
  api.PATCH('/api/v2/widgets/{widget_id}', { params: { path: { widget_id } }, body });

test('a hub is stored as sent, and its Location leads to it', async () => {
  const body = { slug: 'a-shop', name: 'Grüße 日本 👍', description: 'It’s the "public" one.' };
  const answer = await api.POST('/api/v2/hubs', { body });
  const stored = accepted(answer, 201);
  assert.deepEqual({ slug: stored.slug, name: stored.name, description: stored.description }, body);
  assert.ok(Math.abs(Date.parse(stored.created_at) - Date.now()) < 60_000);
  assert.deepEqual(await atLocation(answer), stored);
});

test('what was left out of a hub is null', async () => {
  assert.equal(accepted(await postHub(), 201).description, null);
});

test('a slug is given once, also when two ask at the same time', async () => {
  const answers = await Promise.all(Array.from({ length: 8 }, () => postHub('contested')));
  const statuses = answers.map(({ response }) => response.status).sort();
  assert.deepEqual(statuses, [201, ...Array(7).fill(409)]);
  assert.match(refused(await postHub('contested'), 409).detail ?? '', /'contested' is taken/);
});

test('a slug that no address could hold is refused at its place', async () => {
  for (const slug of ['', 'Shop', '-shop', 'shop-', 'a b', 'a/b', 'x'.repeat(64), 'ä', 'a\n']) {
    assert.deepEqual(places(await postHub(slug)), ['#/slug pattern'], JSON.stringify(slug));
  }
});

test('what does not exist is 404', async () => {
  const problem = refused(await api.GET('/api/v2/hubs/{hub_id}', { params: { path: { hub_id: NOBODY } } }), 404);
  assert.match(problem.detail ?? '', new RegExp(NOBODY));
  refused(await api.GET('/api/v2/widgets/{widget_id}', { params: { path: { widget_id: NOBODY } } }), 404);
  refused(await patchWidget(NOBODY, { name: 'x' }), 404);
});

test('an id that is none is refused by its parameter, in whatever spelling', async () => {
  for (const id of ['1', 'x', `urn:uuid:${NOBODY}`, `{${NOBODY}}`, NOBODY.slice(1), `${NOBODY}0`]) {
    const path = { hub_id: id };
    assert.deepEqual(places(await api.GET('/api/v2/hubs/{hub_id}', { params: { path } })), ['hub_id format'], id);
    assert.deepEqual(places(await postWidget({ hub_id: id })), ['#/hub_id format'], id);
    assert.deepEqual(places(await listWidgets({ hub_id: id })), ['hub_id format'], id);
  }
});

test('a widget is stored as sent, and its Location leads to it', async () => {
  const body = {
    hub_id: hubId,
    key: 'cart/#1 ?',
    widget_type: 'link',
    name: 'Cart',
    attributes: { a: [1, null] },
  } as const;
  const answer = await api.POST('/api/v2/widgets', { body });
  const { id, created_at, updated_at, ...stored } = accepted(answer, 201);
  assert.deepEqual(stored, { ...body, description: null });
  assert.deepEqual(await atLocation(answer), { id, created_at, updated_at, ...stored });
  assert.deepEqual(
    (await readWidgets({ hub_id: hubId, key: body.key })).data.map((widget) => widget.id),
    [id],
  );
});

test('a key is unique in its hub, and free in another', async () => {
  const other = accepted(await postHub(), 201).id;
  refused(await postWidget({ key: 'checkout.pay' }), 409);
  accepted(await postWidget({ key: 'checkout.pay', hub_id: other }), 201);
});

test('a widget of a hub that does not exist is refused at hub_id', async () => {
  assert.deepEqual(places(await postWidget({ hub_id: NOBODY })), ['#/hub_id unknown_reference']);
});

test('a change sets what it names and keeps the rest', async () => {
  const before = accepted(await postWidget(), 201);
  const renamed = accepted(await patchWidget(before.id, { name: 'New', description: 'Said' }));
  assert.deepEqual(renamed, { ...before, name: 'New', description: 'Said', updated_at: renamed.updated_at });
  assert.ok(renamed.updated_at >= before.updated_at);
  const cleared = accepted(await patchWidget(before.id, { description: null, attributes: {}, widget_type: 'link' }));
  assert.deepEqual([cleared.description, cleared.attributes, cleared.widget_type], [null, {}, 'link']);
  assert.equal(cleared.name, 'New');
});

test('a change of nothing, or of what never changes, is refused', async () => {
  assert.deepEqual(places(await patchWidget(widgetId, {})), ['# min_properties']);
  assert.deepEqual(places(await patchWidget(widgetId, { key: 'x' })), ['#/key additional_properties']);
  assert.deepEqual(places(await patchWidget(widgetId, { name: null })), ['#/name type']);
});

test('filters narrow the list, alone and together', async () => {
  const mine = accepted(await postHub(), 201).id;
  const button = accepted(await postWidget({ hub_id: mine }), 201).id;
  const link = accepted(await postWidget({ hub_id: mine, widget_type: 'link', key: 'l' }), 201).id;
  const ids = async (query: Parameters<typeof readWidgets>[0]) => (await readWidgets(query)).data.map(({ id }) => id);
  assert.deepEqual(await ids({ hub_id: mine }), [link, button]);
  assert.deepEqual(await ids({ hub_id: mine, widget_type: 'button' }), [button]);
  assert.deepEqual(await ids({ hub_id: mine, widget_type: 'button', key: 'l' }), []);
  assert.deepEqual(await ids({ hub_id: NOBODY }), []);
});

test('pages of every size give the whole list, newest first, also while widgets are being added', async () => {
  const mine = accepted(await postHub(), 201).id;
  const stored: string[] = [];
  for (let i = 0; i < 7; i++) stored.unshift(accepted(await postWidget({ hub_id: mine }), 201).id);
  for (const limit of [1, 2, 3, 6, 7, 8]) {
    const page = (cursor?: string) => listWidgets({ hub_id: mine, limit, ...(cursor && { cursor }) });
    const all = await allOf(page, () => postWidget({ hub_id: mine }));
    const added = all.length - 7;
    const ids = all.map(({ id }) => id);
    // What the pages before added is at the head of this round's list.
    assert.deepEqual(ids.slice(added), stored.slice(-7), `limit ${limit}`);
    assert.deepEqual(ids, [...new Set(ids)].sort().reverse(), `limit ${limit}`);
  }
});

test('a cursor of another list, and one that is none, are refused by name', async () => {
  await postHub();
  const ofHubs = accepted(await api.GET('/api/v2/hubs', { params: { query: { limit: 1 } } })).next_cursor ?? '';
  const hostile = Buffer.from("widgets:' or 1=1").toString('base64url');
  for (const cursor of [ofHubs, 'garbage', '%00', hostile, Buffer.from('widgets:').toString('base64url')]) {
    assert.deepEqual(places(await listWidgets({ cursor })), ['cursor invalid_cursor'], cursor);
  }
  assert.deepEqual(places(await listWidgets({ cursor: '' })), ['cursor min_length']);
});

test('a limit outside of 1 to 200 is refused', async () => {
  for (const limit of [0, 201, -1, 1.5]) assert.match(String(places(await listWidgets({ limit }))), /^limit \w+$/);
});

test('a text with the character U+0000 is refused, not an internal error', async () => {
  const answer = await api.POST('/api/v2/hubs', { body: { slug: uniqueName(), name: 'a\0b' } });
  assert.equal(refused(answer, 422).errors?.[0]?.code, 'unsupported_character');
  assert.equal(refused(await listWidgets({ key: 'a\0b' }), 422).errors?.[0]?.code, 'unsupported_character');
});
