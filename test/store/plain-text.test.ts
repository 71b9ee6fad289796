import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import type { IhfError } from '../../server/errors.ts';
import { translateSqlError } from '../../server/store/database/sql-errors.ts';
import { testDatabase } from '../support/database.ts';
import { ALLOWED, REJECTED } from '../support/unsafe-characters.ts';

let container: Awaited<ReturnType<typeof testDatabase>>;
let db: pg.Client;

before(async () => {
  container = await testDatabase();
  db = new pg.Client(container.url);
  await db.connect();
  await db.query("insert into hubs (slug, name) values ('shop', 'Shop')");
  await db.query("insert into api_consumers (hub_id, name) select id, 'web' from hubs");
});
after(async () => {
  await db.end();
  await container.drop();
});

const HASH = "sha256(convert_to($1, 'UTF8'))";
const OPERATOR_TEXTS: Record<string, { insert: string; prose?: boolean }> = {
  'annotation_categories.description': {
    insert: "insert into annotation_categories (name, label, description) values ('odd', 'Odd', $1)",
    prose: true,
  },
  'annotation_categories.label': { insert: "insert into annotation_categories (name, label) values ('odd', $1)" },
  'api_consumers.name': { insert: 'insert into api_consumers (hub_id, name) select id, $1 from hubs' },
  'api_keys.name': {
    insert: `insert into api_keys (hub_id, consumer_id, key_hash, key_prefix, name)
      select hub_id, id, ${HASH}, 'ihf_', $1 from api_consumers where name = 'web'`,
  },
  'event_types.description': {
    insert: "insert into event_types (name, label, description) values ('odd', 'Odd', $1)",
    prose: true,
  },
  'event_types.label': { insert: "insert into event_types (name, label) values ('odd', $1)" },
  'hub_capability_manifests.name': {
    insert: 'insert into hub_capability_manifests (hub_id, name) select id, $1 from hubs',
  },
  'hubs.description': {
    insert: "insert into hubs (slug, name, description) values ('odd', 'Odd', $1)",
    prose: true,
  },
  'hubs.name': { insert: "insert into hubs (slug, name) values ('odd', $1)" },
  'installation_keys.name': {
    insert: `insert into installation_keys (key_hash, key_prefix, name, scopes)
      values (${HASH}, 'ihf_', $1, array['installation:registries:write'])`,
  },
  'registries.description': {
    insert: "insert into registries (name, label, description) values ('odd_things', 'Odd', $1)",
    prose: true,
  },
  'registries.label': { insert: "insert into registries (name, label) values ('odd_things', $1)" },
  'webhook_subscriptions.url': {
    insert: `insert into webhook_subscriptions (hub_id, url, topics, keys)
      select id, $1, array['widget.registered'], '' from hubs`,
  },
  'widget_types.description': {
    insert: "insert into widget_types (name, label, description) values ('odd', 'Odd', $1)",
    prose: true,
  },
  'widget_types.label': { insert: "insert into widget_types (name, label) values ('odd', $1)" },
};

test('a text is plain if it has no control character, line separator, bidirectional control or noncharacter', async () => {
  const { rows } = await db.query<{ one_line: number[]; prose: number[] }>(
    `select array_agg(point order by point) filter (where not ihf_is_plain_text('a' || chr(point) || 'b')) as one_line,
       array_agg(point order by point) filter (where not ihf_is_plain_text('a' || chr(point) || 'b', is_prose => true))
         as prose
     from generate_series(1, ${0x10ffff}) as point where point not between ${0xd800} and ${0xdfff}`,
  );
  const rejected = REJECTED.map((character) => character.codePointAt(0) as number);
  assert.deepEqual(rows[0]?.one_line, rejected);
  assert.deepEqual(
    rows[0]?.prose,
    rejected.filter((point) => point !== 0x09 && point !== 0x0a),
  );
});

test('every text of an operator must be plain', async () => {
  const { rows } = await db.query<{ name: string }>(
    `select relname || '.' || attname as name
     from pg_constraint as rule join pg_class as class on class.oid = conrelid
     join pg_attribute as field on attrelid = conrelid and attnum = conkey[1]
     where conname = attname || '_is_plain_text' and contype = 'c' and convalidated
     order by name`,
  );
  assert.deepEqual(
    rows.map(({ name }) => name),
    Object.keys(OPERATOR_TEXTS),
  );
});

for (const [column, { insert, prose = false }] of Object.entries(OPERATOR_TEXTS)) {
  describe(column, () => {
    const field = column.split('.')[1] as string;

    test('with an unsafe character is rejected with the field and the rule', async () => {
      for (const unsafe of [
        '\u0007',
        '\r',
        '\x85',
        '\u2028',
        '\u202e',
        '\ufffe',
        '\u{1ffff}',
        ...(prose ? [] : ['\n']),
      ]) {
        const error = await failureOf(insert, `a${unsafe}b`);
        assert.equal(error.code, 'invalid_request');
        const [issue] = error.issues;
        assert.equal(issue?.code, 'check');
        assert.equal('pointer' in (issue ?? {}) && issue?.pointer, `#/${field}`);
        assert.match(issue?.detail ?? '', new RegExp(`^${field} must .*control characters.*Remove them\\.$`));
      }
    });

    test('can have every other text', async () => {
      for (const text of [...ALLOWED, ...(prose ? ['two\nlines\tand a tab'] : [])]) {
        await db.query('begin');
        await db.query(insert, [text]);
        await db.query('rollback');
      }
    });
  });
}

async function failureOf(insert: string, text: string): Promise<IhfError> {
  const error = await db.query(insert, [text]).then(
    () => assert.fail(`accepted ${JSON.stringify(text)}`),
    (thrown: unknown) => translateSqlError(thrown),
  );
  return error as IhfError;
}
