import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type TestServer, testServer } from '../support/server.ts';

describe('the docs page, without a browser', () => {
  let server: TestServer;
  const get = (path: string, init?: RequestInit) => fetch(`${server.url}/api/v2/docs${path}`, init);

  before(async () => {
    server = await testServer();
  });
  after(() => server?.close());

  it('redirects to the URL with a trailing slash, which the relative URLs of the page need', async () => {
    const response = await get('', { redirect: 'manual' });
    assert.equal(response.status, 301);
    assert.equal(response.headers.get('location'), '/api/v2/docs/');
  });

  it('loads every file from the server itself', async () => {
    const page = await (await get('/')).text();
    const loaded = [...page.matchAll(/<(?:script|link)\b[^>]*?(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '');
    const scripts = loaded.filter((name) => name.endsWith('.js'));
    assert.ok(scripts.includes('docs.js'));
    const imported = (await (await get('/docs.js')).text()).matchAll(/from '\.\/(.+?)'/g);
    for (const name of [...loaded, ...[...imported].map((match) => match[1] ?? '')]) {
      assert.match(name, /^[\w.-]+$/);
      const response = await get(`/${name}`);
      assert.equal(response.status, 200, name);
      assert.ok(Number(response.headers.get('content-length')) > 0, name);
    }
  });

  it('allows no connections to other servers and no inline scripts', async () => {
    for (const path of ['/', '/docs.js', '/swagger-ui-bundle.js']) {
      const { headers } = await get(path);
      const policy = headers.get('content-security-policy') ?? '';
      assert.match(policy, /default-src 'none'/);
      assert.doesNotMatch(policy, /unsafe|https?:|\*/);
      for (const [, sources] of policy.matchAll(/(?:script|style|connect)-src ([^;]+)/g))
        assert.equal(sources, "'self'");
      assert.equal(headers.get('x-content-type-options'), 'nosniff');
      assert.equal(headers.get('referrer-policy'), 'no-referrer');
    }
  });

  it('is revalidated on each visit, and sent again only after a change', async () => {
    const first = await get('/swagger-ui-bundle.js');
    assert.equal(first.headers.get('cache-control'), 'no-cache');
    await first.arrayBuffer();
    const headers = { 'If-None-Match': first.headers.get('etag') ?? '' };
    const again = await get('/swagger-ui-bundle.js', { headers });
    assert.equal(again.status, 304);
  });

  it('responds to an unknown path with a problem document', async () => {
    for (const path of [
      '/nothing',
      '/docs.ts',
      '/docs.js/',
      '/package.json',
      '/..%2f..%2fpackage.json',
      '/%2e%2e/app.ts',
    ]) {
      const response = await get(path);
      assert.equal(response.status, 404, path);
      assert.match(response.headers.get('content-type') ?? '', /^application\/problem\+json/, path);
      assert.doesNotMatch(await response.text(), /node_modules|at \w+ \(/, path);
    }
  });
});
