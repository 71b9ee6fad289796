// A maintainer adds two registries to a copy of the project with one migration and marks in openapi.yaml, and nothing else.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { issueInstallationKey } from '../../server/access/installation-keys.ts';
import { openDatabase } from '../../server/store/database/database.ts';
import { findRegistry } from '../../server/store/registries/registries.ts';
import { findRegistryValueUsage } from '../../server/store/registries/registry-value-usage.ts';
import { newCaller } from '../support/access.ts';
import { temporaryFolder, testDatabase } from '../support/database.ts';
import { type ServerProcess, startProcess } from '../support/server-process.ts';

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, '../../..');
const COPIED = ['codegen', 'generated', 'migrations', 'scorecard', 'sdk-templates', 'server', 'contracts'];
const FILES = ['openapi.yaml', 'package.json', 'tsconfig.json', 'tsconfig.codegen.json', 'tsconfig.server.json'];

const MIGRATION = `
select ihf_create_registry('currencies', label => 'Currencies', description => 'ISO 4217 currencies.');
select ihf_create_registry('sales_channels', label => 'Sales channels');
insert into currencies (name, label) values ('eur', 'Euro'), ('dem', 'German mark');
update currencies set status = 'retired', replaced_by = 'eur' where name = 'dem';
insert into sales_channels (name, label) values ('web', 'Web'), ('shop', 'Shop');
alter table interaction_events add column currency text generated always as (properties ->> 'currency') stored;
select ihf_attach_registry('interaction_events', 'currency', 'currencies');
select ihf_add_webhook_filter('currency', 'currencies', path => array['properties', 'currency']);
`;

/** What is written into openapi.yaml, by the line that it follows or replaces. */
const MARKS: [after: string, text: string][] = [
  [
    '  schemas:\n    WidgetType:',
    `  schemas:
    Currency: { description: A currency (values accepted in requests)., type: string, x-ihf-registry: currencies }
    StoredCurrency: { description: A currency., type: string, x-ihf-registry: currencies, x-ihf-open: true }
    SalesChannel: { description: A sales channel., type: string, x-ihf-registry: sales_channels }
    StoredSalesChannel: { description: A sales channel., type: string, x-ihf-registry: sales_channels, x-ihf-open: true }
    EventProperties:
      description: What the event is about.
      type: object
      additionalProperties: true
      properties:
        currency: { $ref: '#/components/schemas/Currency' }
        channels: { type: array, description: Where., items: { $ref: '#/components/schemas/SalesChannel' } }
    WidgetType:`,
  ],
  [
    "The application''s id for the session.' }\n        properties: { $ref: '#/components/schemas/FreeForm' }\n    InteractionEventPage:",
    "The application''s id for the session.' }\n        properties: { $ref: '#/components/schemas/EventProperties' }\n    InteractionEventPage:",
  ],
  [
    "        - $ref: '#/components/parameters/EventTypeFilter'\n",
    "        - $ref: '#/components/parameters/EventTypeFilter'\n        - $ref: '#/components/parameters/CurrencyFilter'\n",
  ],
  [
    '    EventTypeFilter:\n',
    `    CurrencyFilter:
      name: currency
      in: query
      description: Filter by currency.
      example: eur
      schema: { $ref: '#/components/schemas/StoredCurrency' }
    EventTypeFilter:
`,
  ],
  [
    "        category: { $ref: '#/components/schemas/AnnotationCategory' }\n        ordered:",
    "        category: { $ref: '#/components/schemas/AnnotationCategory' }\n        currency: { $ref: '#/components/schemas/Currency' }\n        ordered:",
  ],
];

let folder: string;
let database: Awaited<ReturnType<typeof testDatabase>>;
let node: ServerProcess;
let db: ReturnType<typeof openDatabase>;
let url: string;
let key: string;
let installationKey: string;
let widgetId: string;

before(async () => {
  folder = temporaryFolder('ihf-registries-');
  const isOwn = (path: string) => !path.includes('node_modules');
  for (const name of [...COPIED, ...FILES])
    cpSync(join(ROOT, name), join(folder, name), { recursive: true, filter: isOwn });
  for (const path of ['node_modules', 'codegen/node_modules']) symlinkSync(join(ROOT, path), join(folder, path));
  let contract = readFileSync(join(folder, 'openapi.yaml'), 'utf8');
  for (const [line, text] of MARKS) {
    assert.ok(contract.includes(line), line);
    contract = contract.replace(line, () => text);
  }
  writeFileSync(join(folder, 'openapi.yaml'), contract);
  writeFileSync(join(folder, 'migrations/0900_currencies.sql'), MIGRATION);
  await run('npm', ['run', '-s', 'codegen'], { cwd: folder });
  await run('npm', ['run', '-s', 'build:server'], { cwd: folder });

  database = await testDatabase();
  node = startProcess({ DATABASE_URL: database.url }, join(folder, 'dist/server/main.js'));
  await node.waitForOutput('Ctrl-C');
  url = /http:\/\/127\.0\.0\.1:\d+/.exec(node.output())?.[0] ?? assert.fail(node.output());
  db = openDatabase(database.url);
  ({ key } = await newCaller(db));
  ({ key: installationKey } = await issueInstallationKey(db, {
    name: 'test',
    scopes: ['installation:registries:write'],
  }));
  const widget = await call('POST', '/api/v2/widgets', { key: 'pay', widget_type: 'button', name: 'Pay' });
  widgetId = widget.body.id;
});

after(async () => {
  node?.child.kill();
  await node?.exited;
  await db?.close();
  await database?.drop();
  rmSync(folder, { recursive: true, force: true });
});

async function call(method: string, path: string, body?: object, withKey = key) {
  const headers = { authorization: `Bearer ${withKey}`, 'content-type': 'application/json' };
  const response = await fetch(url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  // biome-ignore lint/suspicious/noExplicitAny: the types of the copy's contract are not known here.
  return { status: response.status, body: (await response.json()) as any };
}

const record = (properties: object) =>
  call('POST', '/api/v2/interaction-events', { widget_id: widgetId, event_type: 'clicked', properties });

async function cli(...args: string[]) {
  const main = join(folder, 'dist/server/cli/main.js');
  const { stdout } = await run(process.execPath, [main, ...args, '--json'], {
    env: { ...process.env, DATABASE_URL: database.url },
  });
  return JSON.parse(stdout);
}

test('the values API serves both registries, and installation keys change them', async () => {
  const { body } = await call('GET', '/api/v2/registries');
  const byName = new Map(body.data.map((each: { name: string }) => [each.name, each]));
  assert.deepEqual(byName.get('currencies'), {
    ...{ name: 'currencies', label: 'Currencies', description: 'ISO 4217 currencies.', schema: 'Currency' },
    ...{ active: 1, deprecated: 0, retired: 1 },
  });
  const path = '/api/v2/registries/sales_channels/values';
  assert.equal((await call('POST', path, { name: 'phone', label: 'Phone' }, installationKey)).status, 201);
  assert.equal((await call('GET', `${path}/phone`)).body.label, 'Phone');
});

test('a body, an array in it and a query filter accept their values alone, and a mistyped one gets the nearest', async () => {
  assert.equal((await record({ currency: 'eur', channels: ['web', 'phone'], more: 1 })).status, 201);
  const { status, body } = await record({ currency: 'eurr', channels: ['web', 'webb'] });
  assert.equal(status, 422);
  assert.deepEqual(
    body.errors.map((each: Record<string, string>) => [each.pointer, each.code, each.suggestion]),
    [
      ['#/properties/currency', 'unknown_value', 'eur'],
      ['#/properties/channels/1', 'unknown_value', 'web'],
    ],
  );
  assert.equal((await call('GET', '/api/v2/interaction-events?currency=dem')).status, 200);
  const filtered = await call('GET', '/api/v2/interaction-events?currency=eurr');
  assert.deepEqual([filtered.status, filtered.body.errors[0].parameter], [422, 'currency']);
});

test('a retired value is rejected by the API with its replacement, and by the database', async () => {
  const { status, body } = await record({ currency: 'dem' });
  assert.deepEqual([status, body.errors[0].code, body.errors[0].replaced_by], [422, 'retired_value', 'eur']);
  const insert = `insert into interaction_events (hub_id, widget_id, event_type, occurred_at, properties)
    select hub_id, id, 'clicked', now(), '{"currency": "dem"}' from widgets`;
  await assert.rejects(db.query(insert), (error) =>
    JSON.stringify(error).includes("'dem' is a retired value of currencies"),
  );
});

test('the usage of a value names the hubs that use it', async () => {
  const { name } = (await findRegistry(db, 'currencies')) ?? assert.fail();
  const [usage] = await findRegistryValueUsage(db, name, 'eur');
  assert.deepEqual([usage?.table, usage?.hubs.map(({ uses }) => uses)], ['interaction_events', [1]]);
});

test('both SDKs have the types and the constants of the registries', async () => {
  const sdk = async (file: string) => (await fetch(`${url}/api/v2/sdk/${file}`)).text();
  const typescript = await sdk('ihf-client.ts');
  assert.match(typescript, /export const Currencies\b/);
  assert.match(typescript, /export const SalesChannels\b/);
  const python = await sdk('ihf-client.py');
  assert.match(python, /^CURRENCIES\b/m);
  assert.match(python, /^SALES_CHANNELS\b/m);
});

test('the command line, the audit log and the revisions follow', async () => {
  await cli('registries', 'add', 'currencies', 'chf', '--label', 'Swiss franc');
  const values = await cli('registries', 'list', 'currencies');
  assert.deepEqual(
    values.map((value: { name: string }) => value.name),
    ['eur', 'dem', 'chf'],
  );
  assert.deepEqual((await cli('registries', 'show', 'currencies')).columns, [
    'interaction_events.currency',
    'webhook_subscriptions.currency',
  ]);
  const audit = await db.query<{ subject: string }>(
    "select subject from audit_log where subject_type = 'currencies' and action = 'added' order by id desc limit 1",
  );
  assert.deepEqual(audit, [{ subject: 'chf' }]);
  const { body } = await call('GET', '/api/v2/contract/revisions?limit=1');
  assert.equal(body.data[0].changes[0].subject, 'currencies.chf');
  assert.ok(body.data[0].changes[0].operations?.includes('createInteractionEvent'));
  const { revision } = body.data[0];
  const diff = await call('GET', `/api/v2/contract/diff?from=${revision - 1}&to=${revision}`);
  assert.deepEqual(
    diff.body.changes.map(({ subject }: { subject: string }) => subject),
    ['currencies.chf'],
  );
});

test('a subscription with a filter on the registry matches the events with its value alone', async () => {
  const subscription = { url: 'https://example.com/hook', topics: ['interaction.recorded'], currency: 'chf' };
  const created = await call('POST', '/api/v2/webhook-subscriptions', subscription);
  assert.equal(created.status, 201, JSON.stringify(created.body));
  await record({ currency: 'eur' });
  await record({ currency: 'chf' });
  const queued = await db.query<{ currency: string }>(
    `select data -> 'properties' ->> 'currency' as currency from webhook_queue
     join webhook_messages using (hub_id) where webhook_messages.id = message_id`,
  );
  assert.deepEqual(queued, [{ currency: 'chf' }]);
});

test('a registry that an operator creates on the running server is served, listed and diffed without a mark', async () => {
  const created = await cli('registries', 'create', 'loyalty_levels', '--label', 'Loyalty levels');
  const path = '/api/v2/registries/loyalty_levels/values';
  assert.equal((await call('POST', path, { name: 'gold', label: 'Gold' }, installationKey)).status, 201);
  assert.equal((await call('GET', path)).body.data[0].name, 'gold');
  const diff = await call(
    'GET',
    `/api/v2/contract/diff?from=${created.contract_revision - 1}&to=${created.contract_revision + 1}`,
  );
  const subjects = diff.body.changes.map(({ subject }: { subject: string }) => subject);
  assert.ok(
    subjects.includes('registries.loyalty_levels') && subjects.includes('loyalty_levels.gold'),
    String(subjects),
  );
});

test('the scorecard holds with the new registries', async () => {
  const { checkDiscriminators } = await import('../../scorecard/discriminators.ts');
  const { readTextColumns } = await import('../../scorecard/catalogue.ts');
  const { default: pg } = await import('pg');
  const client = new pg.Client(database.url);
  await client.connect();
  try {
    assert.deepEqual(checkDiscriminators(await readTextColumns(client)).violations, []);
  } finally {
    await client.end();
  }
});
