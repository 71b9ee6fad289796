import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { signedIn } from '../admin/support.ts';
import { blockNotifications } from '../support/registry.ts';
import { accepted, refused } from '../support/responses.ts';
import { type TestNode, type TestServer, testServer } from '../support/server.ts';

let server: TestServer;
let other: TestNode;
let db: pg.Client;
before(async () => {
  server = await testServer();
  other = await server.anotherNode();
  db = new pg.Client(server.databaseUrl);
  await db.connect();
});
after(async () => {
  await db.end();
  await server.close();
});

const VALUES = '/api/v2/registries/{registry}/values';
/** A registry that the compiled types do not know. */
const valuesOf = (registry: string) => ({ params: { path: { registry: registry as 'registries' } } });
const create = (name: string, label = 'Test') =>
  server.installation.POST('/api/v2/registries', { body: { name, label } });

test('a new registry can be used at once on every node, also by one that was not notified', async (context) => {
  const unblock = await blockNotifications(context, db);
  accepted(await create('currencies', 'Currencies'), 201);
  accepted(
    await server.installation.POST(VALUES, { ...valuesOf('currencies'), body: { name: 'eur', label: 'Euro' } }),
    201,
  );
  const { data } = accepted(await other.api.GET(VALUES, valuesOf('currencies')));
  assert.deepEqual(
    data.map(({ name }) => name),
    ['eur'],
  );
  unblock();
});

test('its name is a value of the registry of registries: in the document, the revision and the audit log', async () => {
  accepted(await create('sizes'), 201);
  const document = await (await other.fetch('/api/v2/openapi.json')).json();
  assert.ok(document.components.schemas.RegistryName.enum.includes('sizes'));
  const { data } = accepted(await server.api.GET('/api/v2/contract/revisions'));
  assert.equal(data[0]?.changes[0]?.subject, 'registries.sizes');
  const { rows } = await db.query(
    "select action from audit_log where subject_type = 'registries' and subject = 'sizes'",
  );
  assert.deepEqual(rows, [{ action: 'added' }]);
});

test('a mistyped registry in a path gets the nearest one', async () => {
  const error = refused(await server.api.GET(VALUES, valuesOf('event_typs')), 422);
  assert.deepEqual(
    error.errors?.map(({ parameter, suggestion }) => [parameter, suggestion]),
    [['registry', 'event_types']],
  );
});

test('a name that exists, belongs to the server or is another table is rejected with the remedy', async () => {
  for (const [name, reason] of [
    ['event_types', /has 'event_types' already/],
    ['webhook_colors', /reserved for tables of the server. Choose another name/],
    ['widgets', /has a table 'widgets' already. Choose another name/],
  ] as const) {
    assert.match(refused(await create(name), 409).detail ?? '', reason);
  }
  refused(await create('Colors'), 422);
  refused(await create('a'.repeat(41)), 422);
});

test('a registry cannot be retired, renamed or deleted', async () => {
  accepted(await create('colors'), 201);
  const path = { registry: 'registries' as const, value_name: 'colors' };
  const retire = await server.installation.PATCH('/api/v2/registries/{registry}/values/{value_name}', {
    params: { path },
    body: { status: 'retired' },
  });
  assert.match(refused(retire, 422).errors?.[0]?.detail ?? '', /a registry cannot be deprecated or retired/);
  await assert.rejects(db.query("delete from registries where name = 'colors'"), { code: 'IH002' });
  await assert.rejects(db.query("update registries set name = 'colours' where name = 'colors'"), { code: 'IH002' });
});

test('a consumer cannot create a registry', async () => {
  refused(await server.api.POST('/api/v2/registries', { body: { name: 'plans', label: 'Plans' } }), 401);
});

test('the table of a registry belongs to the owner, and the server can neither drop it nor delete from it', async () => {
  accepted(await create('shapes'), 201);
  const { rows } = await db.query(
    `select pg_get_userbyid(relowner) <> 'ihf_app' as owned, has_table_privilege('ihf_app', oid, 'delete') as deletes,
       has_table_privilege('ihf_app', oid, 'insert') as inserts from pg_class where relname = 'shapes'`,
  );
  assert.deepEqual(rows, [{ owned: true, deletes: false, inserts: true }]);
});

test('an operator creates a registry in the dashboard, after a preview of the contract change', async () => {
  const visitor = await signedIn(server);
  const form = { name: 'moods', label: 'Moods', description: '' };
  const preview = await visitor.get(`/admin/registries/registries/add?${new URLSearchParams(form)}`);
  assert.match(preview.html, /registries\.moods/);
  const created = await visitor.post('/admin/registries/registries/add', form);
  assert.equal(created.location, '/admin/registries/registries/values/moods?done=value-added');
  const { html } = await visitor.get('/admin/registries');
  assert.match(html, /New registry/);
  assert.match(html, /\/admin\/registries\/moods\/add/);
  const page = (await visitor.get('/admin/registries/registries/values/moods')).html;
  assert.match(page, /No table uses this registry/);
  assert.doesNotMatch(page, /<h2>(Deprecate|Retire)<\/h2>/);
});
