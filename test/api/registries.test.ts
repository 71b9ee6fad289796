import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { parse } from 'yaml';
import type { components } from '../../generated/openapi.ts';
import { blockNotifications, retryUntilUnheard } from '../support/registry.ts';
import { accepted, collectPages, fetchLocation, places, refused } from '../support/responses.ts';
import { createWidget, type TestServer, testServer } from '../support/server.ts';
import { waitFor } from '../support/wait.ts';

type Registry = components['schemas']['RegistryName'];

let server: TestServer;
let db: pg.Client;
let hubId: string;
let widgetId: string;

before(async () => {
  server = await testServer();
  db = new pg.Client(server.databaseUrl);
  await db.connect();
  ({ hubId, widgetId } = await createWidget(server.api));
});
after(async () => {
  await db.end();
  await server.close();
});

const VALUES = '/api/v2/registries/{registry}/values';
const VALUE = '/api/v2/registries/{registry}/values/{value_name}';
let made = 0;
const newName = () => `word_${++made}`;
const add = (name: string, registry: Registry = 'event_types', about: object = {}) =>
  server.installation.POST(VALUES, { params: { path: { registry } }, body: { name, label: 'Word', ...about } });
const addBySql = (name: string, table: Registry = 'event_types') =>
  db.query(`insert into ${table} (name, label) values ($1, $1)`, [name]);
const retire = (name: string, by: string | null = null, table: Registry = 'event_types') =>
  db.query(`update ${table} set status = 'retired', replaced_by = $2 where name = $1`, [name, by]);
const postEvent = (valueName: string, { api } = server as Pick<TestServer, 'api'>) =>
  api.POST('/api/v2/interaction-events', { body: { widget_id: widgetId, event_type: valueName as 'clicked' } });

type Schemas = Record<string, { enum?: string[]; 'x-extensible-enum'?: string[]; 'x-enum-deprecated'?: string[] }>;
const schemasIn = (document: unknown) => (document as { components: { schemas: Schemas } }).components.schemas;
async function published(): Promise<Schemas[]> {
  const json = await fetch(`${server.url}/api/v2/openapi.json`).then((response) => response.json());
  const yaml = await fetch(`${server.url}/api/v2/openapi.yaml`).then((response) => response.text());
  return [schemasIn(json), schemasIn(parse(yaml))];
}

test('a value added by SQL is in both published documents at once, sorted, for requests and responses', async () => {
  for (const [table, schema] of [
    ['widget_types', 'WidgetType'],
    ['event_types', 'EventType'],
    ['annotation_categories', 'AnnotationCategory'],
  ] as const) {
    const name = newName();
    await addBySql(name, table);
    for (const schemas of await published()) {
      const enumValues = schemas[schema]?.enum ?? [];
      assert.ok(enumValues.includes(name));
      assert.deepEqual(enumValues, [...enumValues].sort());
      assert.ok(schemas[`Stored${schema}`]?.['x-extensible-enum']?.includes(name));
    }
  }
});

test('a value added by the API is stored as sent, at its Location, published and accepted', async () => {
  const name = newName();
  const result = await add(name, 'event_types', { label: 'Größe', description: 'Two\nlines.' });
  const { created_at, updated_at, ...stored } = accepted(result, 201);
  const life = { status: 'active', replaced_by: null, sunset_at: null };
  assert.deepEqual(stored, { name, label: 'Größe', description: 'Two\nlines.', ...life });
  assert.deepEqual(await fetchLocation(server, result), { ...stored, created_at, updated_at });
  for (const schemas of await published()) assert.ok(schemas.EventType?.enum?.includes(name));
  accepted(await postEvent(name), 201);
});

test('a value is accepted by every node right after its commit by SQL', async () => {
  const nodes = [server, await server.anotherNode(), await server.anotherNode()];
  for (let round = 0; round < 20; round++) {
    const name = newName();
    await addBySql(name);
    for (const result of await Promise.all(nodes.map((node) => postEvent(name, node)))) accepted(result, 201);
  }
});

test('a value added on one node is accepted by another as soon as the response arrives', async () => {
  const node = await server.anotherNode();
  for (let round = 0; round < 10; round++) {
    const name = newName();
    accepted(await add(name), 201);
    accepted(await postEvent(name, node), 201);
  }
});

test('a node without notifications accepts and publishes new values, and resumes listening later', async (t) => {
  const restoreNotifications = await blockNotifications(t, db);
  const unknown = await retryUntilUnheard(async () => {
    const name = newName();
    await addBySql(name);
    return server.contract.current.values.get('event_types')?.has(name) ? undefined : name;
  });
  accepted(await postEvent(unknown), 201);
  const later = newName();
  await addBySql(later);
  for (const schemas of await published()) assert.ok(schemas.EventType?.enum?.includes(later));
  const missed = newName();
  await addBySql(missed);
  restoreNotifications();
  const isKnown = () => server.contract.current.values.get('event_types')?.has(missed);
  await waitFor(isKnown, 'the node learns the value that was committed while it had no notifications');
});

test('unknown values and registries are 404', async () => {
  refused(
    await server.api.GET(VALUE, { params: { path: { registry: 'event_types', value_name: 'never_added' } } }),
    404,
  );
  const path = { registry: 'hubs' as Registry };
  assert.deepEqual(places(await server.api.GET(VALUES, { params: { path } })), ['registry unknown_value']);
});

test('registries are listed with the number of values in each state', async () => {
  const { rows } = await db.query('select status, count(*)::int from event_types group by status');
  const counted = { active: 0, deprecated: 0, retired: 0, ...Object.fromEntries(rows.map((r) => [r.status, r.count])) };
  const { data } = accepted(await server.api.GET('/api/v2/registries'));
  assert.deepEqual(
    data.find(({ name }) => name === 'event_types'),
    {
      name: 'event_types',
      label: 'Event types',
      description: 'Types of interaction events.',
      schema: 'EventType',
      ...counted,
    },
  );
  assert.deepEqual(
    data.map(({ name }) => name),
    ['annotation_categories', 'event_types', 'registries', 'widget_types'],
  );
});

test('the values of a registry are paged newest first and filtered by status', async () => {
  const path = { registry: 'annotation_categories' as const };
  const names = [newName(), newName(), newName()];
  for (const name of names) await addBySql(name, 'annotation_categories');
  await retire(names[1] as string, null, 'annotation_categories');
  const list = (query: object) => server.api.GET(VALUES, { params: { path, query } });
  const all = await collectPages((cursor) => list({ limit: 2, ...(cursor && { cursor }) }));
  assert.deepEqual(
    all.slice(0, 3).map(({ name }) => name),
    names.toReversed(),
  );
  assert.equal(new Set(all.map(({ name }) => name)).size, all.length);
  const retired = accepted(await list({ status: 'retired' })).data.map(({ name }) => name);
  assert.deepEqual(retired, [names[1]]);
  const { next_cursor } = accepted(await list({ limit: 1 }));
  const elsewhere = { path: { registry: 'event_types' as const }, query: { cursor: next_cursor ?? '' } };
  assert.deepEqual(places(await server.api.GET(VALUES, { params: elsewhere })), ['cursor invalid_cursor']);
});

test('an unknown value is rejected with the nearest value as a suggestion, never a retired one', async () => {
  const issueOf = async (valueName: string) => refused(await postEvent(valueName), 422).errors?.[0];
  const near = await issueOf('Clickd');
  assert.deepEqual([near?.pointer, near?.code, near?.suggestion], ['#/event_type', 'unknown_value', 'clicked']);
  assert.match(near?.detail ?? '', /'Clickd' is not a value of event_types\. Did you mean 'clicked'\?/);
  assert.equal((await issueOf('nothing_like_it'))?.suggestion, undefined);
  await addBySql('zzzzzzz_old');
  await retire('zzzzzzz_old');
  assert.equal((await issueOf('zzzzzzz_od'))?.suggestion, undefined);
  await addBySql('yyyyyyy_old', 'widget_types');
  await retire('yyyyyyy_old', null, 'widget_types');
  const patched = await server.api.PATCH('/api/v2/widgets/{widget_id}', {
    params: { path: { widget_id: widgetId } },
    body: { widget_type: 'yyyyyyy_od' as 'button' },
  });
  assert.equal(refused(patched, 422).errors?.[0]?.suggestion, undefined);
});

test('a retired value is rejected in requests with its replacement, and can still be read and filtered by', async () => {
  const name = newName();
  await addBySql(name);
  const event = accepted(await postEvent(name), 201);
  await retire(name, 'clicked');
  const [failure] = refused(await postEvent(name), 422).errors ?? [];
  assert.deepEqual([failure?.pointer, failure?.code], ['#/event_type', 'retired_value']);
  assert.equal(failure?.replaced_by, 'clicked');
  const params = { query: { event_type: name, hub_id: hubId } };
  assert.deepEqual(accepted(await server.api.GET('/api/v2/interaction-events', { params })).data, [event]);
  for (const schemas of await published()) {
    assert.ok(!schemas.EventType?.enum?.includes(name));
    assert.ok(schemas.StoredEventType?.['x-extensible-enum']?.includes(name));
  }
});

test('a filter by a value that never existed is rejected', async () => {
  const params = { query: { event_type: 'clickd' } };
  assert.deepEqual(places(await server.api.GET('/api/v2/interaction-events', { params })), [
    'event_type unknown_value',
  ]);
});
