import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { allOperations } from '../support/operations.ts';
import { createWidget, type TestServer, testServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await testServer();
  await createWidget(server.api);
});
after(() => server.close());

const ask = (path: string, init: RequestInit = {}) => server.fetch(path, { redirect: 'manual', ...init });
const withId = (id: string) => ask('/healthz', { headers: { 'X-Request-Id': id } });
const idOf = (response: Response) => response.headers.get('x-request-id') ?? '';

/** One request per status. */
const REQUESTS: [status: number, path: string, init?: RequestInit][] = [
  [200, '/healthz'],
  [200, '/readyz'],
  [200, '/api/v2/hubs'],
  [200, '/api/v2/openapi.yaml'],
  [200, '/api/v2/sdk/ihf-client.py'],
  [200, '/api/v2/docs/'],
  [301, '/api/v2/docs'],
  [200, '/api/v2/docs/docs.js'],
  [304, '/api/v2/openapi.json', { headers: { 'If-None-Match': '*' } }],
  [404, '/api/v2/docs/nothing'],
  [404, '/nothing'],
  [405, '/healthz', { method: 'PUT' }],
  [422, '/api/v2/hubs?limit=0'],
  [400, '/api/v2/widgets', { method: 'POST', body: '{', headers: { 'Content-Type': 'application/json' } }],
  [415, '/api/v2/widgets', { method: 'POST', body: '{}' }],
];

test('every response names its contract revision and its request id', async () => {
  const current = String(server.contract.current.revision);
  for (const [status, path, init] of REQUESTS) {
    const response = await ask(path, init);
    await response.arrayBuffer();
    assert.equal(response.status, status, path);
    assert.equal(response.headers.get('ihf-contract-revision'), current, path);
    assert.match(idOf(response), /^[0-9a-f-]{36}$/, path);
  }
});

test('a response names the revision that the node reached during the request, not the one it began with', async () => {
  const before = server.contract.current.revision;
  const params = { path: { registry: 'event_types' } } as const;
  const body = { name: 'hovered', label: 'Hovered' };
  const added = await server.installation.POST('/api/v2/registries/{registry}/values', { params, body });
  assert.equal(added.response.status, 201);
  const response = await ask('/api/v2/openapi.json');
  assert.equal(response.headers.get('ihf-contract-revision'), String(before + 1));
  assert.match(await response.text(), new RegExp(`"x-ihf-revision": ${before + 1}\\b`));
});

test('a valid request id is returned, and generated ones are unique', async () => {
  for (const id of ['a', 'abc-123', '0af7651916cd43dd8448eb211c80319c', 'A.b:c/d+e=f@g_', 'x'.repeat(128)]) {
    assert.equal(idOf(await withId(id)), id);
  }
  assert.notEqual(idOf(await ask('/healthz')), idOf(await ask('/healthz')));
});

test('a request id that is unsafe in a header, page or log is replaced', async () => {
  for (const id of [
    '',
    'two words',
    'x'.repeat(129),
    '<b>',
    '"quoted"',
    "it's",
    '$(id)',
    '%0a',
    'é',
    'a,b',
    '\u00a0',
  ]) {
    assert.match(idOf(await withId(id)), /^[0-9a-f-]{36}$/, JSON.stringify(id));
  }
  const headers = new Headers([
    ['X-Request-Id', 'one'],
    ['X-Request-Id', 'two'],
  ]);
  assert.match(idOf(await ask('/healthz', { headers })), /^[0-9a-f-]{36}$/);
});

test('HEAD returns the headers of GET without a body, at every path with GET', async () => {
  for (const { url, method } of allOperations()) {
    if (method !== 'GET') continue;
    const [get, head] = await Promise.all([ask(url), ask(url, { method: 'HEAD' })]);
    await get.text();
    assert.equal(head.status, get.status, url);
    assert.equal(await head.text(), '', url);
    for (const name of ['content-type', 'content-encoding', 'etag', 'cache-control']) {
      assert.equal(head.headers.get(name), get.headers.get(name), `${name} of ${url}`);
    }
    if (get.ok) assert.equal(head.headers.get('content-length'), get.headers.get('content-length'), url);
  }
  assert.equal((await ask('/api/v2/docs/', { method: 'HEAD' })).status, 200);
  assert.equal((await ask('/api/v2/interaction-event-batches', { method: 'HEAD' })).status, 405);
});

test('no response header reveals the server software', async () => {
  for (const [, path, init] of REQUESTS) {
    const response = await ask(path, init);
    assert.doesNotMatch(
      JSON.stringify([...response.headers]) + (await response.text()).slice(0, 500),
      /express/i,
      path,
    );
  }
});
