import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { generatorDigest } from '../../codegen/sdk/generator-digest.ts';
import { Renderer } from '../../server/contract/renderer.ts';
import { IhfError } from '../../server/errors.ts';
import { readContract, readTemplates } from '../../server/project-files.ts';
import { announceRelease, publishRelease, readCurrentRevision } from '../../server/store/contract/revisions.ts';
import { type Database, type Db, openDatabase } from '../../server/store/database/database.ts';
import { Listener } from '../../server/store/database/listener.ts';
import { testDatabase } from '../support/database.ts';

const [authored, templates] = await Promise.all([readContract(), readTemplates()]);
const OWN = { document_digest: authored.digest, generator_digest: generatorDigest(templates, authored) };
/** A release with the same document, whose generator is not the one of this process. */
const OTHER = { ...OWN, generator_digest: 'sha256:another generator' };

let testDb: Awaited<ReturnType<typeof testDatabase>>;
let db: Database;
before(async () => {
  testDb = await testDatabase();
  db = openDatabase(testDb.url);
  await publishRelease(db, OWN, authored.document, []);
});
after(async () => {
  await db.close();
  await testDb.drop();
});

const current = async (): Promise<number> => (await readCurrentRevision(db)).revision;

/** Commits the next contract revision and returns its number. */
async function addEventType(name: string): Promise<number> {
  await db.query('insert into event_types (name, label) values ($1, $1)', [name]);
  return current();
}

/** The database, with every statement first passed to `onStatement`. */
function watched(onStatement: (text: string) => void): Db {
  return {
    ...db,
    query: async (text, values, name) => {
      onStatement(text);
      return db.query(text, values, name);
    },
  };
}

test('concurrent requests for an artifact render and store it once', async () => {
  const revision = await addEventType('rendered_once');
  let stored = 0;
  const renderer = new Renderer(
    watched((text) => {
      if (text.trimStart().startsWith('insert')) stored += 1;
    }),
    templates,
  );
  const artifacts = await Promise.all([1, 2, 3].map(() => renderer.artifact(revision, 'openapi.json')));
  assert.equal(stored, 1);
  assert.equal(new Set(artifacts).size, 1);
});

test('a stored artifact is served without rendering it again', async () => {
  const revision = await addEventType('stored_as_it_is');
  const first = await new Renderer(db, templates).artifact(revision, 'ihf-client.ts');
  const statements: string[] = [];
  const other = new Renderer(
    watched((text) => statements.push(text)),
    templates,
  );
  const second = await other.artifact(revision, 'ihf-client.ts');
  assert.deepEqual(second, first);
  assert.equal(statements.length, 1, 'one look, and nothing is rendered');
});

test('the document contains the values of its revision, not of later ones, with ISO 8601 times', async () => {
  const revision = await addEventType('with_a_sunset');
  await db.query(
    `update event_types set status = 'deprecated', replaced_by = 'clicked', sunset_at = '2031-05-17 02:00+02'
     where name = 'with_a_sunset'`,
  );
  const renderer = new Renderer(db, templates);
  const before = JSON.stringify(await renderer.document(revision));
  const after = JSON.stringify(await renderer.document(revision + 1));
  assert.ok(before.includes('with_a_sunset') && !before.includes('2031-05-17'));
  assert.ok(after.includes('"2031-05-17T00:00:00.000Z"'));
});

test('an unknown revision has no artifact until it is committed', async () => {
  const renderer = new Renderer(db, templates);
  const next = (await current()) + 1;
  assert.equal(await renderer.artifact(next, 'openapi.json'), undefined);
  assert.equal(await renderer.document(next), undefined);
  assert.equal(await addEventType('committed_later'), next);
  assert.ok(await renderer.artifact(next, 'openapi.json'));
});

test('an error is not cached: the next request renders', async () => {
  const revision = await addEventType('after_an_error');
  let isUnavailable = true;
  const renderer = new Renderer(
    watched(() => {
      if (isUnavailable) throw new IhfError('unavailable', 'The database is unavailable.');
    }),
    templates,
  );
  await assert.rejects(renderer.artifact(revision, 'openapi.json'), { code: 'unavailable' });
  isUnavailable = false;
  assert.ok(await renderer.artifact(revision, 'openapi.json'));
});

test('while nodes of another release run, only they render the SDKs of its revisions', async () => {
  const listener = new Listener(testDb.url);
  await listener.start();
  await listener.hold(announceRelease(OTHER));
  await publishRelease(db, OTHER, authored.document, []);
  const revision = await current();
  const renderer = new Renderer(db, templates);
  await assert.rejects(renderer.artifact(revision, 'ihf-client.py'), (error: IhfError) => {
    return error.code === 'unavailable' && error.headers['Retry-After'] === '1';
  });
  assert.ok(await renderer.artifact(revision, 'openapi.json'), 'every release renders the same document');
  await listener.close();
  // The announcement ends when the database notices the closed connection.
  const artifact = async (): Promise<unknown> => renderer.artifact(revision, 'ihf-client.py').catch(() => artifact());
  assert.ok(await artifact());
});
