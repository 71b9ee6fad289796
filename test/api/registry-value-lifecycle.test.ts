import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import pg from 'pg';
import type { components } from '../../generated/openapi.ts';
import { newEventType } from '../support/registry.ts';
import { accepted, places, refused } from '../support/responses.ts';
import { createWidget, type TestServer, testServer } from '../support/server.ts';

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

const at = (value_name: string) => ({ path: { registry: 'event_types' as const, value_name } });
const VALUE = '/api/v2/registries/{registry}/values/{value_name}';
const change = (name: string, body: components['schemas']['RegistryValueUpdate']) =>
  server.installation.PATCH(VALUE, { params: at(name), body });
const read = async (name: string) => accepted(await server.api.GET(VALUE, { params: at(name) }));
const newest = async () => {
  const params = { query: { limit: 1 } };
  return accepted(await server.api.GET('/api/v2/contract/revisions', { params })).data[0];
};
const newWidgetType = async (name: string) => {
  await db.query('insert into widget_types (name, label) values ($1, $1)', [name]);
  const body = { hub_id: hubId, key: name, widget_type: name as 'button', name };
  return accepted(await server.api.POST('/api/v2/widgets', { body }), 201);
};
const patchWidget = (widget_id: string, body: object) =>
  server.api.PATCH('/api/v2/widgets/{widget_id}', { params: { path: { widget_id } }, body });

/** Runs SQL that must fail and returns its SQLSTATE. */
async function sqlState(text: string, values: unknown[] = []): Promise<string | undefined> {
  const failure = await db.query(text, values).then(
    () => undefined,
    (error: pg.DatabaseError) => error,
  );
  assert.ok(failure, `the database accepted: ${text}`);
  return failure.code;
}

test('a value goes from active to deprecated to retired, one revision each', async () => {
  const name = await newEventType(db);
  const sunset_at = '2027-03-31T00:00:00.000Z';
  const deprecated = accepted(await change(name, { status: 'deprecated', replaced_by: 'clicked', sunset_at }));
  assert.deepEqual(
    [deprecated.status, deprecated.replaced_by, deprecated.sunset_at],
    ['deprecated', 'clicked', sunset_at],
  );
  assert.deepEqual(
    (await newest())?.changes.map(({ kind }) => kind),
    ['deprecated'],
  );
  const body = { widget_id: widgetId, event_type: name as 'clicked' };
  accepted(await server.api.POST('/api/v2/interaction-events', { body }), 201);
  assert.equal(accepted(await change(name, { status: 'retired' })).status, 'retired');
  assert.deepEqual(
    (await newest())?.changes.map(({ kind }) => kind),
    ['retired'],
  );
  assert.deepEqual(places(await server.api.POST('/api/v2/interaction-events', { body })), [
    '#/event_type retired_value',
  ]);
});

test('a state never goes back, and an active value has neither replacement nor sunset', async () => {
  const name = await newEventType(db);
  refused(await change(name, { replaced_by: 'clicked' }), 422);
  refused(await change(name, { sunset_at: '2027-03-31T00:00:00Z' }), 422);
  accepted(await change(name, { status: 'retired' }));
  for (const status of ['active', 'deprecated'] as const) refused(await change(name, { status }), 409);
  accepted(await change(name, { status: 'retired', label: 'Old' }));
});

test('a replacement must be another value of the registry that is not retired', async () => {
  const name = await newEventType(db);
  const gone = await newEventType(db);
  accepted(await change(gone, { status: 'retired' }));
  const replace = (replaced_by: string) => change(name, { status: 'deprecated', replaced_by });
  assert.deepEqual(places(await replace('never_added')), ['#/replaced_by unknown_reference']);
  refused(await replace(name), 422);
  refused(await replace(gone), 409);
  assert.equal((await read(name)).status, 'active');
});

test('a name is never reused, whatever its state', async () => {
  const name = await newEventType(db);
  const params = { path: { registry: 'event_types' as const } };
  const add = () =>
    server.installation.POST('/api/v2/registries/{registry}/values', { params, body: { name, label: 'Anew' } });
  refused(await add(), 409);
  accepted(await change(name, { status: 'retired' }));
  refused(await add(), 409);
});

test('a change of label or description has the kind described and is not breaking', async () => {
  const name = await newEventType(db);
  for (const about of [{ label: 'Another' }, { description: 'What it means.' }]) {
    accepted(await change(name, about));
    const revision = await newest();
    assert.deepEqual(
      revision?.changes.map(({ kind, subject }) => [kind, subject]),
      [['described', `event_types.${name}`]],
    );
    assert.deepEqual(revision?.breaking, { requests: false, responses: false, generated_code: false });
  }
});

test('a change without effect creates no revision', async () => {
  const name = await newEventType(db);
  const before = await newest();
  const value = await read(name);
  assert.deepEqual(accepted(await change(name, { label: value.label, status: 'active', replaced_by: null })), value);
  assert.deepEqual(await newest(), before);
});

test('times outside the years 1 to 9999 are rejected, also by SQL', async () => {
  const name = await newEventType(db);
  const sunset_at = '0001-01-01T00:00:00+01:00';
  assert.deepEqual(places(await change(name, { status: 'deprecated', sunset_at })), ['#/sunset_at format']);
  for (const time of [sunset_at, 'infinity', '-infinity', '10000-01-01 00:00+00', '0001-01-01 BC']) {
    const sql = `update event_types set status = 'deprecated', sunset_at = $2 where name = $1`;
    assert.equal(await sqlState(sql, [name, time]), '23514', time);
  }
  assert.equal((await fetch(`${server.url}/api/v2/openapi.json`)).status, 200);
});

test('a label or description with characters that could break an output is rejected, and the value stays', async () => {
  const name = await newEventType(db);
  const before = await read(name);
  assert.deepEqual(places(await change(name, { label: 'gpj.\u202eexe' })), ['#/label check']);
  assert.deepEqual(places(await change(name, { label: 'two\nlines' })), ['#/label check']);
  assert.deepEqual(places(await change(name, { description: 'It\x92s from Windows-1252' })), ['#/description check']);
  assert.deepEqual(await read(name), before);
  const description = 'two\nlines\tand a tab';
  assert.equal(accepted(await change(name, { description })).description, description);
});

test('a widget keeps a retired type, also when an update repeats it', async () => {
  const { id } = await newWidgetType('kept_type');
  await db.query(`update widget_types set status = 'retired' where name = 'kept_type'`);
  await server.contract.catchUp();
  assert.equal(accepted(await patchWidget(id, { name: 'Renamed' })).widget_type, 'kept_type');
  const echoed = accepted(await patchWidget(id, { name: 'Again', widget_type: 'kept_type' }));
  assert.deepEqual([echoed.name, echoed.widget_type], ['Again', 'kept_type']);
  assert.equal(accepted(await patchWidget(id, { widget_type: 'button' })).widget_type, 'button');
});

test('a widget cannot be created with a retired type or changed to one', async () => {
  const { id } = await newWidgetType('left_type');
  await newWidgetType('gone_type');
  await db.query(`update widget_types set status = 'retired', replaced_by = 'button' where name = 'gone_type'`);
  await server.contract.catchUp();
  const [failure] = refused(await patchWidget(id, { name: 'x', widget_type: 'gone_type' }), 422).errors ?? [];
  assert.deepEqual(
    [failure?.pointer, failure?.code, failure?.replaced_by],
    ['#/widget_type', 'retired_value', 'button'],
  );
  const body = { hub_id: hubId, key: 'new', widget_type: 'gone_type' as 'button', name: 'New' };
  assert.deepEqual(places(await server.api.POST('/api/v2/widgets', { body })), ['#/widget_type retired_value']);
  const params = { query: { hub_id: hubId, widget_type: 'gone_type' } };
  assert.equal(accepted(await server.api.GET('/api/v2/widgets', { params })).data.length, 1);
});

test('the database rejects retired and unknown values in every table that uses them', async () => {
  const annotate = `insert into annotations (hub_id, widget_id, category, body) values ($1, $2, $3, 'x')`;
  const happen = `insert into interaction_events (hub_id, widget_id, event_type, occurred_at) values ($1, $2, $3, now())`;
  const build = `insert into widgets (hub_id, key, widget_type, name) values ($1, $2, $3, 'x')`;
  for (const [table, sql] of [
    ['annotation_categories', annotate],
    ['event_types', happen],
    ['widget_types', build],
  ]) {
    await db.query(`insert into ${table} (name, label, status) values ('past', 'Past', 'retired')`);
    assert.equal(await sqlState(sql as string, [hubId, widgetId, 'past']), 'IH001');
    assert.equal(await sqlState(sql as string, [hubId, widgetId, 'never']), '23503');
  }
  assert.equal(await sqlState(`update widgets set widget_type = 'past' where id = $1`, [widgetId]), 'IH001');
});

test('the database prevents deleting, renaming, truncating and reactivating values', async () => {
  const name = await newEventType(db);
  await db.query(`update event_types set status = 'retired' where name = $1`, [name]);
  assert.equal(await sqlState('delete from event_types where name = $1', [name]), 'IH002');
  assert.equal(await sqlState(`update event_types set name = name || '_new' where name = $1`, [name]), 'IH002');
  assert.equal(await sqlState(`update event_types set status = 'active' where name = $1`, [name]), 'IH002');
  assert.equal(await sqlState(`update event_types set status = 'deprecated' where name = $1`, [name]), 'IH002');
  for (const table of ['widget_types', 'event_types', 'annotation_categories']) {
    assert.equal(await sqlState(`truncate ${table} cascade`), 'IH002');
  }
  for (const bad of ['Upper', '1st', 'with space', 'x'.repeat(64), '', 'ä', "o'clock"]) {
    assert.equal(await sqlState('insert into event_types (name, label) values ($1, $1)', [bad]), '23514', bad);
  }
});
