import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { parse } from 'yaml';
import { LiveContract } from '../../server/contract/live-contract.ts';
import { readContract, readTemplates } from '../../server/project-files.ts';
import { openDatabase } from '../../server/store/database/database.ts';
import { Listener } from '../../server/store/database/listener.ts';
import { newEventType } from '../support/registry.ts';
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

const CURRENT = ['openapi.json', 'openapi.yaml', 'sdk/ihf-client.ts', 'sdk/ihf-client.py'];
const get = (file: string, etag?: string) =>
  fetch(`${server.url}/api/v2/${file}`, { headers: etag === undefined ? {} : { 'If-None-Match': etag } });
const etagOf = async (file: string) => (await get(file)).headers.get('etag') ?? '';

async function sqlState(client: pg.Client, text: string): Promise<string | undefined> {
  const failure = await client.query(text).then(
    () => undefined,
    (error: pg.DatabaseError) => error,
  );
  assert.ok(failure, `the database accepted: ${text}`);
  return failure.code;
}

test('current documents have a strong ETag and are revalidated each time, with 304 if unchanged', async () => {
  for (const file of CURRENT) {
    const response = await get(file);
    const etag = response.headers.get('etag') ?? '';
    assert.match(etag, /^"sha256:[0-9a-f]{64}-gzip-[\w.-]+"$/, file);
    assert.equal(response.headers.get('cache-control'), 'no-cache');
    for (const known of [etag, `W/${etag}`, `"a", ${etag},"b"`, '*', ` ${etag} `]) {
      const again = await get(file, known);
      assert.deepEqual([again.status, again.headers.get('etag'), await again.text()], [304, etag, ''], known);
    }
    for (const other of ['"sha256:0"', etag.slice(1, -1), '""', '', 'W/"x", "y"']) {
      assert.equal((await get(file, other)).status, 200, other);
    }
  }
});

test('current document and SDKs follow a change at once, with another ETag', async () => {
  const before = await Promise.all(CURRENT.map(etagOf));
  const name = await newEventType(db);
  for (const [index, file] of CURRENT.entries()) {
    const response = await get(file, before[index]);
    assert.equal(response.status, 200, file);
    assert.ok((await response.text()).includes(name), file);
  }
});

test('the current document equals that of the newest revision, byte for byte, except for the URL of the server', async () => {
  const { revision } = (await db.query('select revision from contract_state')).rows[0];
  const current = await (await get('openapi.json')).text();
  const published = await (await get(`contract/revisions/${revision}/openapi.json`)).text();
  assert.equal(published.replace('"url": "/"', `"url": "${server.url}"`), current);
});

test('the current documents name the URL that the client called as their server', async () => {
  const { port } = new URL(server.url);
  for (const url of [server.url, `http://localhost:${port}`]) {
    const json = await fetch(`${url}/api/v2/openapi.json`);
    assert.deepEqual(
      ((await json.json()) as { servers: { url: string }[] }).servers.map((each) => each.url),
      [url],
    );
    const yaml = await (await fetch(`${url}/api/v2/openapi.yaml`)).text();
    assert.equal(parse(yaml).servers[0].url, url);
  }
  const tags = await Promise.all(
    [server.url, `http://localhost:${port}`].map(async (url) =>
      (await fetch(`${url}/api/v2/openapi.json`)).headers.get('etag'),
    ),
  );
  assert.notEqual(tags[0], tags[1], 'documents with other bytes have another ETag');
});

test('concurrent requests for a new revision return the same bytes', async () => {
  const node = await server.anotherNode();
  await newEventType(db);
  const asked = [server.url, node.url].flatMap((url) => Array(10).fill(`${url}/api/v2/sdk/ihf-client.ts`));
  const texts = await Promise.all(asked.map(async (url) => (await fetch(url)).text()));
  assert.equal(new Set(texts).size, 1);
});

test('revisions, changes, documents and artifacts are append-only, also for the owner of the tables', async () => {
  await get('openapi.json');
  const sets = {
    contract_revisions: `committed_by = 'me'`,
    registry_changes: `name = 'other'`,
    contract_artifacts: `content = ''`,
    contract_documents: `document = '{}'`,
  };
  for (const [table, set] of Object.entries(sets)) {
    assert.equal(await sqlState(db, `update ${table} set ${set}`), 'IH003');
    assert.equal(await sqlState(db, `delete from ${table}`), 'IH003');
    assert.equal(await sqlState(db, `truncate ${table} cascade`), 'IH003');
    await db.query('set session_replication_role = replica');
    assert.equal(
      await sqlState(db, `update ${table} set ${set}`),
      'IH003',
      'session_replication_role does not disable the trigger',
    );
    await db.query('reset session_replication_role');
  }
});

test('the database role of the server owns nothing and cannot write the sources of the contract', async () => {
  const { rows } = await db.query(
    `select (select count(*)::int from pg_class where relowner = 'ihf_app'::regrole)
          + (select count(*)::int from pg_proc where proowner = 'ihf_app'::regrole) as owned,
       (select rolsuper or rolcreaterole or rolcreatedb or rolcanlogin from pg_roles where rolname = 'ihf_app') as mighty`,
  );
  assert.deepEqual(rows[0], { owned: 0, mighty: false });
  const [working] = await server.database.query<{ current_user: string }>('select current_user');
  assert.equal(working?.current_user, 'ihf_app');
  await db.query('set role ihf_app');
  try {
    for (const sql of [
      `insert into contract_revisions (revision, committed_by) values (9999, 'me')`,
      `update contract_revisions set committed_by = 'me'`,
      'update contract_state set revision = 1',
      `insert into registry_changes (revision, registry, name, after) values (1, 'event_types', 'x', '{}')`,
      'delete from event_types',
      'truncate event_types',
      'select ihf_next_revision()',
      'update interaction_events set actor_id = null',
      'delete from interaction_events',
    ]) {
      assert.equal(await sqlState(db, sql), '42501', sql);
    }
    assert.equal(await sqlState(db, 'alter table event_types disable trigger all'), '42501');
    assert.equal(await sqlState(db, 'drop table registry_changes'), '42501');
  } finally {
    await db.query('reset role');
  }
});

test('a new authored document is a revision with its changes; the same document again is not', async () => {
  const [authored, templates] = await Promise.all([readContract(), readTemplates()]);
  const document = structuredClone(authored.document);
  delete document.paths['/healthz'];
  const database = openDatabase(server.databaseUrl, { connections: 2 });
  const open = async (as: typeof authored) => {
    const listener = new Listener(server.databaseUrl);
    await listener.start();
    const contract = await LiveContract.open({ db: database, listener, authored: as, templates });
    await listener.close();
    return contract.current.revision;
  };
  try {
    const before = await open(authored);
    assert.equal(await open(authored), before, 'the current document creates no revision');
    const after = await open({ document, digest: 'another' });
    assert.equal(after, before + 1);
    const params = { path: { revision: after } };
    const { data } = await server.api.GET('/api/v2/contract/revisions/{revision}', { params });
    assert.deepEqual(
      data?.changes.map(({ kind, subject }) => [kind, subject]),
      [['removed', 'getLiveness']],
    );
    assert.deepEqual(data?.breaking, { requests: true, responses: false, generated_code: true });
    const texts = await Promise.all(
      [after, before].map(async (revision) => {
        return (await get(`contract/revisions/${revision}/openapi.json`)).text();
      }),
    );
    assert.deepEqual(
      texts.map((text) => text.includes('"/healthz"')),
      [false, true],
    );
    // A node of an older release restarts: its document is current again, with a new revision number.
    assert.equal(await open(authored), after + 1);
  } finally {
    await database.close();
  }
});
