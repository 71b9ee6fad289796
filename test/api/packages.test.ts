import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import pg from 'pg';
import { deref, operationsOf, type Response } from '../../codegen/document.ts';
import { readContract } from '../../server/project-files.ts';
import { temporaryFolder } from '../support/database.ts';
import { createWidget, type TestServer, testServer } from '../support/server.ts';

// Asynchronous, because npm calls a server in this process.
const run = promisify(execFile);
const TSC = resolve(import.meta.dirname, '../../../node_modules/typescript/bin/tsc');

let server: TestServer;
let revision: number;
const folder = temporaryFolder('ihf-packages-');

before(async () => {
  server = await testServer();
  const { data } = await server.api.GET('/api/v2/contract/revisions');
  revision = data?.data[0]?.revision ?? 0;
});
after(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${server.url}/api/v2${path}`, { headers, redirect: 'manual' });

async function digest(path: string): Promise<string> {
  const response = await get(path);
  assert.equal(response.status, 200, path);
  return createHash('sha256')
    .update(Buffer.from(await response.arrayBuffer()))
    .digest('hex');
}

test('npm installs the client from the server, and a typed script sends an event with it', async () => {
  const { widgetId } = await createWidget(server.api);
  const place = join(folder, 'npm');
  mkdirSync(place);
  writeFileSync(join(place, 'package.json'), '{"type":"module","private":true}');
  const options = ['--no-audit', '--no-fund', '--cache', join(folder, 'cache')];
  await run('npm', ['install', ...options, `${server.url}/api/v2/sdk/ihf-client.tgz`], { cwd: place });
  writeFileSync(
    join(place, 'script.ts'),
    `import { CONTRACT_REVISION, EventTypes, IhfClient, type InteractionEvent } from 'ihf-client';
     declare const console: { log(...values: unknown[]): void };
     const ihf = new IhfClient({ baseUrl: '${server.url}', apiKey: '${server.caller.key}' });
     const { results } = await ihf.sendInteractionEvents([{ widget_id: '${widgetId}', event_type: 'clicked' }]);
     const seen: InteractionEvent[] = [];
     for await (const event of ihf.iterateInteractionEvents({ limit: 1 })) seen.push(event);
     console.log(CONTRACT_REVISION, EventTypes.clicked.label, results[0]?.id === seen[0]?.id);
     // @ts-expect-error
     if (false as boolean) await ihf.createInteractionEvent({ widget_id: '', event_type: 'clickd' });`,
  );
  const compiler = ['--strict', '--target', 'es2022', '--module', 'nodenext', '--lib', 'es2022,dom,dom.iterable'];
  await run(process.execPath, [TSC, ...compiler, '--types', '', 'script.ts'], { cwd: place });
  const { stdout } = await run(process.execPath, ['script.js'], { cwd: place });
  assert.equal(stdout, `${revision} Clicked true\n`);
});

test('the package of a revision never changes and is served as immutable', async () => {
  const tgz = await digest('/sdk/ihf-client.tgz');
  const wheel = `ihf_client-2.0.${revision}-py3-none-any.whl`;
  const whl = await digest(`/sdk/${wheel}`);
  const db = new pg.Client(server.databaseUrl);
  await db.connect();
  await db.query("insert into event_types (name, label) values ('nodded', 'Nodded')");
  await db.end();
  assert.notEqual(await digest('/sdk/ihf-client.tgz'), tgz);
  for (const [path, before] of [
    [`/contract/revisions/${revision}/sdk/ihf-client.tgz`, tgz],
    [`/contract/revisions/${revision}/sdk/${wheel}`, whl],
    [`/sdk/${wheel}`, whl],
  ] as const) {
    const response = await get(path);
    assert.equal(response.headers.get('cache-control'), 'public, max-age=31536000, immutable', path);
    assert.equal(response.headers.get('etag'), `"sha256:${before}"`, path);
    assert.equal(await digest(path), before, path);
    assert.equal((await get(path, { 'If-None-Match': `"sha256:${before}"` })).status, 304, path);
  }
});

test('the current package is revalidated, with 304 while it has not changed', async () => {
  const response = await get('/sdk/ihf-client.tgz');
  assert.equal(response.headers.get('cache-control'), 'no-cache');
  const etag = response.headers.get('etag') ?? '';
  const again = await get('/sdk/ihf-client.tgz', { 'If-None-Match': etag });
  assert.deepEqual([again.status, (await again.arrayBuffer()).byteLength], [304, 0]);
});

test('the latest wheel is found through a redirect and through the index', async () => {
  const latest = await get('/sdk/ihf_client-latest');
  const name = latest.headers.get('location') ?? '';
  assert.deepEqual([latest.status, /^ihf_client-2\.0\.\d+-py3-none-any\.whl$/.test(name)], [302, true]);
  assert.match(await (await get('/sdk/simple/')).text(), /<a href="ihf-client\/">ihf-client<\/a>/);
  const index = await (await get('/sdk/simple/ihf-client/')).text();
  assert.ok(index.includes(`<a href="../../${name}#sha256=${await digest(`/sdk/${name}`)}"`), index);
});

test('the contract declares every package URL, and each responds as declared', async () => {
  const { document } = await readContract();
  const operations = [...operationsOf(document)].filter((each) => each.operation['x-ihf-protocol'] === 'packages');
  assert.equal(operations.length, 10);
  for (const { path, operation } of operations) {
    const address = path.replace('{revision}', String(revision)).replace('{version}', `2.0.${revision}`);
    const first = await fetch(server.url + address, { redirect: 'manual' });
    await first.arrayBuffer();
    const followed = await fetch(server.url + address);
    await followed.arrayBuffer();
    for (const result of new Set([first, followed])) {
      const declaredResponse = deref<Response>(
        document,
        operation.responses[result.status] ?? assert.fail(`${path} ${result.status}`),
      );
      const type = result.headers.get('content-type')?.split(';')[0] ?? '';
      if (declaredResponse.content) assert.ok(Object.keys(declaredResponse.content).includes(type), path);
      for (const header of Object.keys(declaredResponse.headers ?? {}))
        assert.ok(result.headers.has(header), `${path}: ${header}`);
    }
    assert.equal(followed.status, 200, path);
  }
});

test('index pages have URLs that end with a slash (PEP 503)', async () => {
  const response = await get('/sdk/simple/ihf-client');
  assert.deepEqual([response.status, response.headers.get('location')], [301, 'ihf-client/']);
});

test('packages that were never published are 404', async () => {
  const odd = [
    '/sdk/ihf_client-2.0.999-py3-none-any.whl',
    '/sdk/ihf_client-1.0.1-py3-none-any.whl',
    '/sdk/ihf_client-2.0.01-py3-none-any.whl',
    '/contract/revisions/999/sdk/ihf-client.tgz',
    '/contract/revisions/x/sdk/ihf-client.tgz',
    `/contract/revisions/999/sdk/ihf_client-2.0.${revision}-py3-none-any.whl`,
  ];
  for (const path of odd) {
    const response = await get(path);
    assert.equal(response.status, 404, path);
    assert.equal(((await response.json()) as { type: string }).type, 'urn:ihf:problem:not-found');
  }
});
