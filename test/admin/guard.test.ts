import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { OPERATOR_PAGES, PUBLIC_PAGES } from '../../server/admin/routes.ts';
import { type TestServer, testServer } from '../support/server.ts';
import { signedIn, sql, Visitor } from './support.ts';

let server: TestServer;
before(async () => {
  server = await testServer();
});
after(() => server.close());

const ID = '01a20000-0000-7000-8000-000000000000';
const routes = Object.keys(OPERATOR_PAGES).map((route) => route.split(' ') as ['GET' | 'POST', string]);
const addressOf = (path: string) =>
  path.replace(':registry', 'event_types').replace(':name', 'clicked').replace(/:\w+/g, ID);

async function changes(): Promise<number> {
  const [row] = await sql<{ count: string }>(server, 'select count(*) from audit_log');
  return Number(row?.count);
}

test('every page except sign-in and the start page requires a session', async () => {
  const stranger = new Visitor(server.url);
  await stranger.get('/admin/sign-in');
  for (const [method, path] of routes) {
    const seen = method === 'GET' ? await stranger.get(addressOf(path)) : await stranger.post(addressOf(path), {});
    if (method === 'GET') assert.match(seen.location, /^\/admin\/sign-in\?next=/, path);
    else assert.equal(seen.status, 401, path);
    assert.doesNotMatch(seen.html, /class="sidebar"/, path);
  }
  assert.deepEqual(Object.keys(PUBLIC_PAGES), [
    'GET /',
    'GET /admin/sign-in',
    'POST /admin/sign-in',
    'GET /admin/join',
    'POST /admin/join',
  ]);
});

test('a POST requires the form token of the session and the origin of the server', async () => {
  const [visitor, other] = [await signedIn(server), await signedIn(server, 'bob')];
  const before = await changes();
  const headers: Record<string, string>[] = [
    { Origin: 'https://evil.example' },
    { Origin: 'null' },
    { 'Sec-Fetch-Site': 'cross-site' },
  ];
  for (const [method, path] of routes) {
    if (method === 'GET') continue;
    const address = addressOf(path);
    for (const token of ['', 'x'.repeat(43), other.token]) {
      assert.equal((await visitor.post(address, { token })).status, 403, `${path} with token '${token}'`);
    }
    for (const header of headers) {
      assert.equal((await visitor.post(address, {}, header)).status, 403, `${path} with ${JSON.stringify(header)}`);
    }
  }
  assert.equal(await changes(), before);
});

test('a GET changes nothing', async () => {
  const visitor = await signedIn(server);
  const before = await changes();
  for (const [method, path] of routes) if (method === 'GET') await visitor.get(addressOf(path));
  await visitor.get('/admin/registries/event_types/add?name=hovered&label=Hovered');
  await visitor.get('/admin/registries/event_types/values/clicked/change?to=retired');
  await visitor.get(`/admin/manifests/${server.caller.manifestId}/status?to=suspended`);
  assert.equal(await changes(), before);
});

test('pages are never cached, run no inline script, and load nothing from other servers', async () => {
  const visitor = await signedIn(server);
  const pages = [
    '/',
    '/admin',
    '/admin/requests',
    '/admin/audit',
    `/admin/consumers/${server.caller.consumerId}`,
    '/admin/none',
  ];
  for (const path of pages) {
    const { html, headers } = await visitor.get(path);
    assert.equal(headers.get('cache-control'), 'no-store', path);
    assert.match(
      headers.get('content-security-policy') ?? '',
      /^default-src 'none'; script-src 'self'; style-src 'self'/,
    );
    assert.doesNotMatch(headers.get('content-security-policy') ?? '', /unsafe|https?:|\*/);
    assert.doesNotMatch(html, /<style|<script(?! type="module" src="\/)|\son\w+="|\sstyle="|(src|href)="https?:/, path);
  }
  assert.equal((await new Visitor(server.url).get('/')).headers.get('set-cookie'), null);
});

test('text from users is escaped', async () => {
  const visitor = await signedIn(server);
  const name = '<img src=x onerror=alert(1)>"\'';
  const owner = `${server.caller.hubId}/${server.caller.manifestId}`;
  await visitor.post('/admin/consumers', { name, owner, scopes: 'hub:widgets:read' });
  for (const path of ['/admin/consumers', '/admin/audit', `/admin/manifests/${server.caller.manifestId}`]) {
    const { html } = await visitor.get(path);
    assert.doesNotMatch(html, /<img src=x/, path);
    assert.match(html, /&lt;img src&#x3D;x/, path);
  }
});

test('an unknown path gets an error page', async () => {
  const visitor = await signedIn(server);
  const bad = [
    '/admin/nothing',
    '/admin/keys/1',
    `/admin/keys/${ID}`,
    '/admin/registries/none/add',
    '/admin/contract/x',
  ];
  for (const path of [...bad, '/admin/assets/../router.ts', '/admin/assets/none.css', '/admin/audit?cursor=x']) {
    const { status, html } = await visitor.get(path);
    assert.ok([404, 422].includes(status), `${path} is ${status}`);
    assert.doesNotMatch(html, /node_modules|at \w+ \(/, path);
  }
});

test('requests to the dashboard are not logged', async () => {
  const visitor = await signedIn(server);
  const [start] = await sql<{ now: Date }>(server, 'select now()');
  for (const path of ['/admin', '/admin/requests', '/admin/assets/admin.css', '/admin/none']) await visitor.get(path);
  await server.fetch('/api/v2/me');
  const logged = () =>
    sql<{ name: string | null }>(
      server,
      `select name from api_request_log left join api_operations on api_operations.id = operation where ended_at > $1`,
      [start?.now],
    );
  while ((await logged()).length === 0) await sleep(50);
  assert.deepEqual(await logged(), [{ name: 'getMe' }]);
});
