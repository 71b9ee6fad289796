import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { readTableKeys } from '../../scorecard/catalogue.ts';
import { checkHubKeys, checkHubStatements } from '../../scorecard/hub-ids.ts';
import { findStatements } from '../../scorecard/store-statements.ts';
import { testDatabase } from '../support/database.ts';

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

const TABLES = [
  ['hub_id uuid, id uuid primary key', ['the primary key of notes must start with hub_id, but is (id)']],
  [
    'hub_id uuid, id uuid, primary key (id, hub_id)',
    ['the primary key of notes must start with hub_id, but is (id, hub_id)'],
  ],
  [
    'hub_id uuid, id uuid, widget_id uuid, primary key (hub_id, id), foreign key (widget_id, hub_id) references widgets (id, hub_id)',
    ['the foreign key (widget_id, hub_id) of notes must start with hub_id'],
  ],
  [
    'id uuid primary key, hub uuid, widget_id uuid, foreign key (hub, widget_id) references widgets (hub_id, id)',
    ['notes refers to widgets, but has no hub_id'],
  ],
  [
    'hub_id uuid, id uuid, widget_id uuid, primary key (hub_id, id), foreign key (hub_id, widget_id) references widgets (hub_id, id)',
    [],
  ],
] as const;

for (const [columns, violations] of TABLES) {
  test(`keys of a table with '${columns}' ${violations.length > 0 ? 'are a violation' : 'pass'}`, async () => {
    await client.query('begin');
    try {
      await client.query(`alter table widgets add unique (id, hub_id); create table notes (${columns})`);
      assert.deepEqual(checkHubKeys(await readTableKeys(client)).violations, violations);
    } finally {
      await client.query('rollback');
    }
  });
}

const HUB_TABLES = new Set(['widgets', 'annotations']);

const STATEMENTS = [
  ["'select name from widgets where hub_id = $1 and id = $2'", true],
  ["'select name from widgets where id = $1'", false],
  ['`select hub_id from widgets where id = $1`', false],
  ["'insert into widgets (hub_id, key) values ($1, $2)'", true],
  ["'insert into widgets (id, key) values ($1, $2)'", false],
  ['`update widgets as widget set name = $3 where (widget.hub_id, widget.id) = ($1, $2)`', true],
  ['`delete from widgets using annotations where annotations.hub_id = $1 and widget_id = widgets.id`', false],
  ['`select * from widgets join annotations on annotations.hub_id = widgets.hub_id where widgets.hub_id = $1`', true],
  ["`select 'widgets' from hubs where id = $1`", true],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the text of a program
  ['`select * from ${table} where id = $1`', false],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the text of a program
  ['`select name ${FROM} where id = $1`', false],
] as const;

for (const [literal, passes] of STATEMENTS) {
  test(`the statement ${literal} ${passes ? 'passes' : 'is a violation'}`, () => {
    const text = `const FROM = 'from widgets';\n// It's a comment\nexport function find() {\n  return db.query(${literal});\n}\n`;
    const statements = findStatements([{ path: 'server/store/a.ts', text }]);
    assert.equal(statements.length, 1);
    const { violations } = checkHubStatements(HUB_TABLES, statements, [], {});
    assert.equal(violations.length === 0, passes, violations.join('\n'));
    if (!passes) assert.match(violations[0] ?? '', /^a\.ts find: 1 hub table|^a\.ts find: 2 hub tables/);
  });
}

test('a statement of an SQL function without hub_id is a violation, and an unused exception is one too', () => {
  const functions = [{ name: 'ihf_rename', body: "update widgets set name = 'x' where id = given; return;" }];
  assert.deepEqual(checkHubStatements(HUB_TABLES, [], functions, {}).violations, [
    'ihf_rename: 1 hub table, but 0 conditions on hub_id',
  ]);
  assert.deepEqual(
    checkHubStatements(HUB_TABLES, [], functions, { reason: ['ihf_rename', 'gone.ts find'] }).violations,
    ['gone.ts find is listed as across hubs, but names hub_id or does not exist'],
  );
});
