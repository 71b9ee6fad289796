import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type TestServer, testServer } from '../support/server.ts';

let server: TestServer;

before(async () => {
  server = await testServer();
});
after(() => server.close());

const preflight = (path: string, headers = {}) =>
  fetch(server.url + path, { method: 'OPTIONS', headers: { Origin: 'https://shop.example', ...headers } });

test('a preflight request allows any operation from any origin, with a key', async () => {
  for (const path of ['/api/v2/interaction-events', '/api/v2/token', '/healthz']) {
    const { status, headers } = await preflight(path, { 'Access-Control-Request-Method': 'POST' });
    assert.equal(status, 204);
    assert.equal(headers.get('Access-Control-Allow-Origin'), '*');
    assert.equal(headers.get('Access-Control-Allow-Methods'), '*');
    assert.match(headers.get('Access-Control-Allow-Headers') ?? '', /^Authorization, \*$/);
  }
});

test('a page can read every response with its headers, errors included', async () => {
  const { status, headers } = await fetch(`${server.url}/api/v2/widgets`, {
    headers: { Origin: 'https://shop.example' },
  });
  assert.equal(status, 401);
  assert.equal(headers.get('Access-Control-Allow-Origin'), '*');
  assert.equal(headers.get('Access-Control-Expose-Headers'), '*');
});

test('an OPTIONS request that is not a preflight gets 405', async () => {
  assert.equal((await preflight('/api/v2/interaction-events')).status, 405);
});

test('the dashboard, which uses cookies, allows no other origin', async () => {
  for (const path of ['/admin', '/admin/sign-in']) {
    const { headers } = await preflight(path, { 'Access-Control-Request-Method': 'POST' });
    assert.equal(headers.get('Access-Control-Allow-Origin'), null);
  }
});
