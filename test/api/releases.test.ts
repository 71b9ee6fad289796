import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { compileSdkTemplates, SDK_TEMPLATE_SOURCES, type SdkTemplates } from '../../codegen/sdk/render.ts';
import { LiveContract } from '../../server/contract/live-contract.ts';
import { readContract, readTemplates } from '../../server/project-files.ts';
import { type Database, openDatabase } from '../../server/store/database/database.ts';
import { Listener } from '../../server/store/database/listener.ts';
import { newEventType } from '../support/registry.ts';
import { accepted } from '../support/responses.ts';
import { type TestServer, testServer } from '../support/server.ts';
import { waitFor } from '../support/wait.ts';

const SOURCES = resolve(import.meta.dirname, '../../../sdk-templates');
const NEW = 'A remark of the next version.';
const FILES = ['ihf-client.ts', 'ihf-client.py', 'ihf-client.tgz'];

/** The templates of a release whose SDKs contain an additional text. */
const next: SdkTemplates = compileSdkTemplates(
  Object.fromEntries(
    SDK_TEMPLATE_SOURCES.map((path) => {
      const text = readFileSync(join(SOURCES, path), 'utf8');
      const comment = path.endsWith('.py.hbs') ? '#' : '//';
      return [path, /client\.(ts|py)\.hbs$|index\.js\.hbs$/.test(path) ? `${text}\n${comment} ${NEW}\n` : text];
    }),
  ),
);

let server: TestServer;
let db: pg.Client;
let database: Database;
let upgraded: ContractNode | undefined;
before(async () => {
  server = await testServer();
  db = new pg.Client(server.databaseUrl);
  await db.connect();
  database = openDatabase(server.databaseUrl, { connections: 4 });
});
after(async () => {
  await upgraded?.close();
  await database.close();
  await db.end();
  await server.close();
});

/** The contract of one more node, and the listener that announces its release. */
interface ContractNode {
  contract: LiveContract;
  close(): Promise<void>;
}

async function openContract(templates: SdkTemplates): Promise<ContractNode> {
  const listener = new Listener(server.databaseUrl);
  await listener.start();
  const contract = await LiveContract.open({ db: database, listener, authored: await readContract(), templates });
  return { contract, close: () => listener.close() };
}

const head = async (): Promise<number> => (await db.query('select revision from contract_state')).rows[0].revision;
const get = (path: string) => fetch(`${server.url}/api/v2${path}`);

/** Downloads all SDK files, from the unversioned URLs or those of a revision. */
async function served(under = ''): Promise<Buffer[]> {
  const responses = await Promise.all(FILES.map((file) => get(`${under}/sdk/${file}`)));
  assert.deepEqual(new Set(responses.map(({ status }) => status)), new Set([200]));
  return Promise.all(responses.map(async (response) => Buffer.from(await response.arrayBuffer())));
}

const wheel = async (revision: number) => (await get(`/sdk/ihf_client-2.0.${revision}-py3-none-any.whl`)).text();

test('a release with different SDKs is a new revision, and earlier revisions stay unchanged', async () => {
  const before = await head();
  const [published, whl] = [await served(), await wheel(before)];
  upgraded = await openContract(next);
  assert.equal(upgraded.contract.current.revision, before + 1);
  const params = { path: { revision: before + 1 } };
  const { changes, breaking } = accepted(await server.api.GET('/api/v2/contract/revisions/{revision}', { params }));
  assert.deepEqual(
    changes.map(({ kind, subject }) => [kind, subject]),
    [['changed', 'sdk']],
  );
  assert.deepEqual(breaking, { requests: false, responses: false, generated_code: false });
  const query = { from: before, to: before + 1 };
  assert.deepEqual(accepted(await server.api.GET('/api/v2/contract/diff', { params: { query } })).changes, changes);
  // A node of the previous release serves the files that the new one rendered.
  for (const [index, bytes] of (await served()).entries()) {
    assert.ok(bytes.includes(NEW), FILES[index]);
    assert.ok(!bytes.equals(published[index] as Buffer), FILES[index]);
  }
  assert.ok((await wheel(before + 1)).includes(NEW));
  assert.deepEqual(await served(`/contract/revisions/${before}`), published);
  assert.equal(await wheel(before), whl);
});

test('restarting a release, or one that is being replaced, creates no revision', async () => {
  const revision = await head();
  await (await openContract(next)).close();
  await server.anotherNode();
  await (await openContract(await readTemplates())).close();
  assert.equal(await head(), revision);
});

test('while several releases run, SDKs of a revision are rendered by the release that published it', async () => {
  await newEventType(db);
  const revision = await head();
  const path = `/contract/revisions/${revision}/sdk/ihf-client.py`;
  const refused = await get(path);
  assert.deepEqual([refused.status, refused.headers.get('retry-after')], [503, '1']);
  assert.match(await refused.text(), /are rendered by nodes of another release/);
  assert.equal((await get('/openapi.json')).status, 200, 'every release renders the same document');
  const made = await upgraded?.contract.renderer.artifact(revision, 'ihf-client.py');
  const response = await get(path);
  assert.ok(response.headers.get('etag')?.startsWith(`"${made?.digest}-`));
  assert.ok((await response.text()).includes(NEW));
});

test('when the last node of a release stops, the previous release is current again, as a new revision', async () => {
  const last = await head();
  await upgraded?.close();
  // The notification of the new value wakes the nodes; without one they poll every five seconds.
  await newEventType(db);
  await waitFor(async () => (await head()) >= last + 2, 'the previous release is announced again');
  assert.equal(await head(), last + 2);
  assert.ok((await served()).every((bytes) => !bytes.includes(NEW)));
  assert.ok((await served(`/contract/revisions/${last}`)).some((bytes) => bytes.includes(NEW)));
});
