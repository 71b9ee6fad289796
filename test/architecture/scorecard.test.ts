import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { after, before, test } from 'node:test';
import pg from 'pg';
import type { ScorecardRow } from '../../scorecard/check-result.ts';
import { checkDocumentation, checkHandlers, checkReferences } from '../../scorecard/contract-checks.ts';
import { databaseRows, scorecard } from '../../scorecard/scorecard.ts';
import { withScorecard } from '../../scorecard/table.ts';
import { checkMigrations, checkSizes, readTree } from '../../scorecard/tree.ts';
import { authored } from '../support/contract.ts';
import { testDatabase } from '../support/database.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

let database: Awaited<ReturnType<typeof testDatabase>>;
let client: pg.Client;

before(async () => {
  database = await testDatabase();
  client = new pg.Client(database.url);
  await client.connect();
});

after(async () => {
  await client.end();
  await database.drop();
});

const violationsOf = (rows: readonly ScorecardRow[]) => rows.flatMap(({ violations }) => violations);

/** Returns the violations found after a change of the database, then undoes the change. */
async function violationsAfter(change: string, undo: string): Promise<string[]> {
  await client.query(change);
  try {
    return violationsOf(await databaseRows(await readTree(ROOT), database.url));
  } finally {
    await client.query(undo);
  }
}

test('every claim holds', async () => {
  assert.deepEqual(violationsOf(await scorecard(ROOT, database.url)), []);
});

test('a failed claim is written with its violations', () => {
  const markdown = 'a\n<!-- scorecard: written by `npm run scorecard` -->\nold\n<!-- /scorecard -->\nz';
  const row = { claim: 'All is well', evidence: '3 things', violations: ['one | is not'] };
  assert.match(
    withScorecard(markdown, [row]),
    /\n\| All is well \| \*\*no\*\* \| one \\\| is not \|\n<!-- \/scorecard/,
  );
});

const BARE = 'is a bare text discriminator: give it a foreign key, or a CHECK that lists its values';
const COLUMNS = [
  ['status text not null', `orders.status ${BARE}`],
  ["status text check (status <> '')", `orders.status ${BARE}`],
  ["status text check (not (status in ('open', 'closed')))", `orders.status ${BARE}`],
  ["status text check (status in ('open', 'closed') or true)", `orders.status ${BARE}`],
  ['order_type varchar(20)', `orders.order_type ${BARE}`],
  ['scopes text[]', `orders.scopes ${BARE}`],
  ['flavour text', 'orders.flavour is open: close it, or list it as free text'],
  ["status text check (status in ('open', 'closed'))", undefined],
  ["status varchar(9) check (status in ('open', 'closed'))", undefined],
  ["scopes text[] check (scopes <@ array['read', 'write'])", undefined],
  ['event_type text references event_types (name)', undefined],
] as const;

for (const [column, violation] of COLUMNS) {
  test(`a table with '${column}' ${violation ? 'fails the scorecard' : 'passes'}`, async () => {
    const violations = await violationsAfter(`create table orders (id integer, ${column})`, 'drop table orders');
    assert.deepEqual(violations, violation ? [violation] : []);
  });
}

const CHANGES = [
  {
    change: 'alter table registry_changes disable trigger append_only',
    undo: 'alter table registry_changes enable always trigger append_only',
    violations: [
      "'update registry_changes set name = name' was not rejected",
      "'delete from registry_changes' was not rejected",
    ],
  },
  {
    change: 'grant trigger on widgets to ihf_app',
    undo: 'revoke trigger on widgets from ihf_app',
    violations: ['ihf_app: trigger on widgets'],
  },
  {
    change: 'grant create on schema public to ihf_app',
    undo: 'revoke create on schema public from ihf_app',
    violations: ['ihf_app: create on schema public'],
  },
  {
    change: 'grant update on contract_revisions to ihf_app',
    undo: 'revoke update on contract_revisions from ihf_app',
    violations: ['ihf_app: update on contract_revisions'],
  },
  {
    change: 'grant pg_execute_server_program to ihf_app',
    undo: 'revoke pg_execute_server_program from ihf_app',
    violations: [
      "'copy (select 1) to program 'true'' was not rejected",
      'ihf_app: member of pg_execute_server_program',
    ],
  },
  {
    change: 'grant delete on audit_log to ihf_app; alter table audit_log disable trigger append_only',
    undo: 'revoke delete on audit_log from ihf_app; alter table audit_log enable always trigger append_only',
    violations: ["'delete from audit_log' was not rejected"],
  },
  {
    change: 'create table owned (id integer); alter table owned owner to ihf_app',
    undo: 'drop table owned',
    violations: ['ihf_app: owns table owned'],
  },
  {
    change: "delete from schema_migrations where name like '0005%'",
    undo: "insert into schema_migrations (name, sha256) values ('0005_registry_values.sql', '')",
    violations: ['0005_registry_values.sql was not applied'],
  },
];

for (const { change, undo, violations } of CHANGES) {
  test(`the scorecard fails after '${change}'`, async () => {
    const found = await violationsAfter(change, undo);
    for (const violation of violations) assert.ok(found.includes(violation), found.join('\n'));
  });
}

test('undocumented operations and nested references are violations', () => {
  const document = structuredClone(authored);
  const operation = document.paths['/api/v2/widgets']?.post;
  assert.ok(operation?.requestBody);
  operation.responses = { 201: { description: 'Created', content: { 'application/json': { schema: {} } } } };
  operation.requestBody.content = { 'application/json': { schema: { $ref: '#/paths/~1y/post/requestBody' } } };
  assert.deepEqual(checkDocumentation(document).violations, [
    ...['400', '422', '500', '501', '503', '409', '413', '415'].map((status) => `createWidget must declare ${status}`),
    'createWidget needs an example of its request',
    'createWidget needs an example of its 201 response',
  ]);
  assert.deepEqual(checkReferences(document).violations, [
    '#/paths/~1y/post/requestBody must lead to a top-level component',
  ]);
  assert.ok(checkHandlers(document, []).violations.includes('createWidget has no handler'));
});

test('long files and migrations without their own number are violations', () => {
  const NAMED = 'needs a name such as 0007_subject.sql with a number that no other migration has';
  const long = { path: 'server/long.ts', text: '\n'.repeat(301) };
  assert.deepEqual(checkSizes([long]).violations, ['server/long.ts has 301 lines', 'the median file has 301 lines']);
  const migrations = [
    { path: 'migrations/0001_one.sql', text: '' },
    { path: 'migrations/0003_three.sql', text: '' },
    { path: 'migrations/0003_too.sql', text: '' },
    { path: 'migrations/4.sql', text: '' },
  ];
  const names = migrations.map(({ path }) => path.slice('migrations/'.length));
  assert.deepEqual(checkMigrations(migrations, names).violations, [`0003_too.sql ${NAMED}`, `4.sql ${NAMED}`]);
});
