import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { IhfError } from '../../server/errors.ts';
import { type Database, openDatabase } from '../../server/store/database/database.ts';
import { CHECKS, REFERENCES } from '../../server/store/database/sql-errors.ts';
import { testDatabase } from '../support/database.ts';

let container: Awaited<ReturnType<typeof testDatabase>>;
let database: Database;

before(async () => {
  container = await testDatabase();
  database = openDatabase(container.url);
});

after(async () => {
  await database.close();
  await container.drop();
});

test('every constraint that is translated exists', async () => {
  // Triggers raise errors with names of constraints where a real one is not possible.
  const rows = await database.query<{ name: string }>(
    `select conname as name from pg_constraint
     union select (regexp_matches(prosrc, 'constraint = ''(\\w+)''', 'g'))[1] from pg_proc where proname like 'ihf\\_%'`,
  );
  const names = new Set(rows.map(({ name }) => name));
  const missing = [...Object.keys(REFERENCES), ...Object.keys(CHECKS)].filter((name) => !names.has(name));
  assert.deepEqual(missing, []);
});

const REJECTED = [
  [
    `insert into event_types (name, label, replaced_by) values ('hovered', 'Hovered', 'clicked')`,
    'replaced_by and sunset_at are only allowed when status is deprecated or retired.',
  ],
  [
    `insert into event_types (name, label, status, replaced_by) values ('hovered', 'Hovered', 'deprecated', 'hovered')`,
    'replaced_by must be another value of the registry.',
  ],
  [`insert into event_types (name, label) values ('hovered', '')`, 'label must have 1 to 100 characters.'],
  [
    `insert into api_consumers (hub_id, name) values ('00000000-0000-7000-8000-000000000000', 'web')`,
    'hub_id must refer to an existing hub. Create it first, or correct hub_id.',
  ],
] as const;

for (const [statement, detail] of REJECTED) {
  test(`the error names the field and the rule: ${detail}`, async () => {
    await assert.rejects(database.query(statement), (error: IhfError) => {
      assert.equal(error.code, 'invalid_request');
      assert.deepEqual(
        error.issues.map((issue) => issue.detail),
        [detail],
      );
      return true;
    });
  });
}

test('a value of a registry keeps its name, and its status only moves forward', async () => {
  await database.query(`insert into event_types (name, label, status) values ('pinched', 'Pinched', 'retired')`);
  const rejected = {
    "update event_types set name = 'other' where name = 'pinched'":
      'Values of event_types cannot be renamed. Add the new name, then deprecate the old one with the new one as its replacement.',
    "update event_types set status = 'active' where name = 'pinched'":
      "'pinched' is retired and cannot become active again. Add a value with another name.",
  };
  for (const [statement, detail] of Object.entries(rejected)) {
    await assert.rejects(database.query(statement), { code: 'conflict', message: detail });
  }
});
