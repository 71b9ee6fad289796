import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type TestServer, testServer } from '../support/server.ts';

let hub: TestServer;

before(async () => {
  hub = await testServer();
});
after(() => hub.close());

const preflight = (path: string, headers = {}) =>
  fetch(hub.url + path, { method: 'OPTIONS', headers: { Origin: 'https://shop.example', ...headers } });

test('a browser that asks first may call any operation from any page, with a key', async () => {
  for (const path of ['/api/v2/interaction-events', '/api/v2/token', '/healthz']) {
    const { status, headers } = await preflight(path, { 'Access-Control-Request-Method': 'POST' });
    assert.equal(status, 204);
    assert.equal(headers.get('Access-Control-Allow-Origin'), '*');
    assert.equal(headers.get('Access-Control-Allow-Methods'), '*');
    assert.match(headers.get('Access-Control-Allow-Headers') ?? '', /^Authorization, \*$/);
  }
});

test('a page may read every answer with its headers, also that it was refused', async () => {
  const { status, headers } = await fetch(`${hub.url}/api/v2/widgets`, { headers: { Origin: 'https://shop.example' } });
  assert.equal(status, 401);
  assert.equal(headers.get('Access-Control-Allow-Origin'), '*');
  assert.equal(headers.get('Access-Control-Expose-Headers'), '*');
});

test('an OPTIONS request that asks for no other is a method that the address does not take', async () => {
  assert.equal((await preflight('/api/v2/interaction-events')).status, 405);
});

test('the dashboard, which goes by a cookie, is no page of another origin’s', async () => {
  for (const path of ['/admin', '/admin/sign-in']) {
    const { headers } = await preflight(path, { 'Access-Control-Request-Method': 'POST' });
    assert.equal(headers.get('Access-Control-Allow-Origin'), null);
  }
});
