import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { newEventType } from '../support/registry.ts';
import { accepted, collectPages, places, refused } from '../support/responses.ts';
import { type TestServer, testServer } from '../support/server.ts';

let server: TestServer;
let db: pg.Client;

before(async () => {
  server = await testServer();
  db = new pg.Client(server.databaseUrl);
  await db.connect();
});
after(async () => {
  await db.end();
  await server.close();
});

const head = async (): Promise<number> => (await db.query('select revision from contract_state')).rows[0].revision;
const read = async (revision: number) =>
  accepted(await server.api.GET('/api/v2/contract/revisions/{revision}', { params: { path: { revision } } }));
const list = (query: { limit?: number; cursor?: string } = {}) =>
  server.api.GET('/api/v2/contract/revisions', { params: { query } });
const diff = (from: number, to?: number) =>
  server.api.GET('/api/v2/contract/diff', { params: { query: { from, ...(to && { to }) } } });
const at = (revision: number, file: string) => `${server.url}/api/v2/contract/revisions/${revision}/${file}`;
const insert = (name: string) => `insert into event_types (name, label) values ('${name}', 'Word')`;
const valueName = (revision: number) => `of_revision_${revision}`;

test('a registry change is one revision with author, time, changes and breaking directions', async () => {
  const before = await head();
  const name = await newEventType(db);
  const revision = await read(before + 1);
  const { rows } = await db.query('select now() as now');
  assert.equal(revision.committed_by, 'operator');
  assert.ok(Math.abs(Date.parse(revision.committed_at) - rows[0].now) < 10_000);
  assert.deepEqual(
    revision.changes.map(({ kind, subject }) => [kind, subject]),
    [['added', `event_types.${name}`]],
  );
  assert.equal(revision.breaking.requests, false);
  assert.equal(await head(), before + 1);
});

test('a consumer sees that an operator changed a registry, not which one or with which key', async () => {
  const path = { registry: 'event_types' as const };
  const body = { name: 'by_api', label: 'By API' };
  accepted(await server.installation.POST('/api/v2/registries/{registry}/values', { params: { path }, body }), 201);
  assert.equal((await read(await head())).committed_by, 'operator');
  await db.query(`begin; set local ihf.actor = 'mara'; ${insert('by_mara')}; commit`);
  assert.equal((await read(await head())).committed_by, 'operator');
});

test('a transaction with several changes is one revision that lists all of them', async () => {
  const before = await head();
  await db.query(`begin; ${insert('first_of_three')}; savepoint a; ${insert('undone')}; rollback to a;
    insert into widget_types (name, label) values ('second_of_three', 'Word');
    update event_types set label = 'Third' where name = 'first_of_three'; commit`);
  assert.equal(await head(), before + 1);
  assert.deepEqual(
    (await read(before + 1)).changes.map(({ kind, subject }) => `${kind} ${subject}`),
    ['added event_types.first_of_three', 'added widget_types.second_of_three', 'described event_types.first_of_three'],
  );
});

test('a transaction that is rolled back leaves no revision and no gap', async () => {
  const before = await head();
  await db.query(`begin; ${insert('rolled_back')}; rollback`);
  await assert.rejects(db.query(insert('Not A Name')));
  assert.equal(await head(), before);
  await newEventType(db);
  assert.equal(await head(), before + 1);
});

test('20 concurrent registry transactions get consecutive numbers in commit order', async () => {
  const before = await head();
  const clients = Array.from({ length: 20 }, () => new pg.Client(server.databaseUrl));
  const committed: string[] = [];
  await Promise.all(
    clients.map(async (client, number) => {
      await client.connect();
      await client.query(`begin; ${insert(`concurrent_${number}`)}; select pg_sleep(random() / 200)`);
      await client.query(number % 4 === 0 ? 'rollback' : 'commit');
      if (number % 4) committed.push(`event_types.concurrent_${number}`);
      await client.end();
    }),
  );
  assert.equal(await head(), before + 15);
  const { data } = accepted(await list({ limit: 15 }));
  const numbers = Array.from({ length: 15 }, (_, index) => before + 15 - index);
  assert.deepEqual(
    data.map(({ revision }) => revision),
    numbers,
  );
  assert.deepEqual(data.flatMap(({ changes }) => changes.map(({ subject }) => subject)).sort(), committed.sort());
  const times = data.map(({ committed_at }) => committed_at);
  assert.deepEqual(times, [...times].sort().reverse());
});

test('revisions are paged newest first, down to the first, while others are being committed', async () => {
  const newest = await head();
  const all = await collectPages(
    (cursor) => list({ limit: 7, ...(cursor && { cursor }) }),
    () => newEventType(db),
  );
  assert.deepEqual(
    all.map(({ revision }) => revision),
    Array.from({ length: newest }, (_, index) => newest - index),
  );
  const { next_cursor } = accepted(await list({ limit: 1 }));
  const elsewhere = await server.api.GET('/api/v2/hubs', { params: { query: { cursor: next_cursor ?? '' } } });
  assert.deepEqual(places(elsewhere), ['cursor invalid_cursor']);
});

test('the documents and SDKs of a revision never change, are equal on every node and carry its digest', async () => {
  const files = ['openapi.json', 'sdk/ihf-client.ts', 'sdk/ihf-client.py'];
  const name = await newEventType(db);
  const revision = await head();
  const node = await server.anotherNode();
  const get = async (base: string, file: string) => {
    // The ETag of an encoding is another one.
    const headers = { 'Accept-Encoding': 'identity' };
    const response = await fetch(`${base}/api/v2/contract/revisions/${revision}/${file}`, { headers });
    return { bytes: Buffer.from(await response.arrayBuffer()), headers: response.headers };
  };
  // Both nodes render them concurrently, for the first time.
  const first = await Promise.all(files.flatMap((file) => [get(server.url, file), get(node.url, file)]));
  await db.query(`update event_types set status = 'retired', label = 'Gone' where name = $1`, [name]);
  await newEventType(db);
  const later = await server.anotherNode();
  const second = await Promise.all(files.flatMap((file) => [get(server.url, file), get(later.url, file)]));
  for (const [index, { bytes, headers }] of first.entries()) {
    assert.ok(bytes.includes(name), files[index >> 1]);
    assert.deepEqual(second[index]?.bytes, bytes);
    assert.deepEqual(first[index ^ 1]?.bytes, bytes);
    assert.equal(headers.get('etag'), `"sha256:${createHash('sha256').update(bytes).digest('hex')}"`);
    assert.match(headers.get('cache-control') ?? '', /\bimmutable\b/);
  }
  assert.equal(first[0]?.headers.get('etag'), `"${(await read(revision)).digest}"`);
});

test('a future revision is 404, also as a document, an SDK and in a diff', async () => {
  const path = { revision: (await head()) + 1_000 };
  refused(await server.api.GET('/api/v2/contract/revisions/{revision}', { params: { path } }), 404);
  for (const file of ['openapi.json', 'sdk/ihf-client.ts'])
    assert.equal((await fetch(at(path.revision, file))).status, 404);
  refused(await diff(1, path.revision), 404);
  refused(await diff(path.revision), 404);
  for (const none of ['0', '-1', 'x', '1.5', '2147483648']) {
    assert.equal((await server.fetch(`/api/v2/contract/revisions/${none}`)).status, 422, none);
  }
  // The 404 of a future revision is not cached.
  const next = (await head()) + 1;
  assert.equal((await fetch(at(next, 'openapi.json'))).status, 404);
  await newEventType(db);
  assert.equal((await fetch(at(next, 'openapi.json'))).status, 200);
});

test('the diff of any two revisions lists each change and what it breaks, in both directions', async () => {
  const start = await head();
  await db.query(insert(valueName(start)));
  const end = await head();
  const forward = accepted(await diff(start, end));
  assert.deepEqual([forward.from, forward.to], [start, end]);
  assert.deepEqual(
    forward.changes.map(({ kind, subject }) => [kind, subject]),
    [['added', `event_types.${valueName(start)}`]],
  );
  assert.equal(forward.breaking.requests, false);
  assert.equal(
    accepted(await diff(end, start)).breaking.requests,
    true,
    'backward, previously valid requests are rejected',
  );
  await db.query(`update event_types set status = 'retired' where name = $1`, [valueName(start)]);
  const retired = accepted(await diff(end));
  assert.deepEqual([retired.to, retired.breaking.requests], [end + 1, true]);
  assert.deepEqual(
    retired.changes.map(({ kind }) => kind),
    ['retired'],
  );
  assert.deepEqual(accepted(await diff(end, end)).changes, []);
});
