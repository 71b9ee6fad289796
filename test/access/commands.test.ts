import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { apiOf, type TestServer, testServer } from '../support/server.ts';

const CLI = resolve(import.meta.dirname, '../../server/cli/main.js');
const run = promisify(execFile);

let server: TestServer;
before(async () => {
  server = await testServer();
});
after(() => server.close());

async function ihf<T = Record<string, string>>(...argv: string[]): Promise<T> {
  const env = { ...process.env, DATABASE_URL: server.databaseUrl };
  return JSON.parse((await run(process.execPath, [CLI, ...argv, '--json'], { env })).stdout);
}

const refusal = (...argv: string[]) =>
  ihf(...argv).then(
    () => assert.fail('it was not refused'),
    ({ stderr, code }: { stderr: string; code: number }) => {
      assert.equal(stderr.trim().split('\n').length, 1, stderr);
      return { line: stderr.trim(), code };
    },
  );

test('an operator sets up a consumer up to its first call, and revokes it again', async () => {
  const shop = await ihf('hubs', 'create', 'storefront', '--name', 'Storefront');
  const manifest = await ihf('manifests', 'create', 'storefront', 'Reporting', '--scopes', 'hub:widgets:write');
  assert.equal(manifest.status, 'draft');
  const consumer = await ihf('consumers', 'create', 'storefront', 'web', '--manifest', String(manifest.id));
  assert.equal(consumer.hub_id, shop.id);

  const early = await ihf<{ scopes: string[] }>('keys', 'create', 'web');
  assert.ok(!early.scopes.includes('hub:widgets:write'), 'a draft grants no writing');
  const { line, code } = await refusal('keys', 'create', 'web', '--scopes', 'hub:widgets:write');
  assert.match(line, /^ihf: hub:widgets:write cannot be granted now: manifest .* is draft\.$/);
  assert.equal(code, 2);

  await ihf('manifests', 'activate', String(manifest.id));
  const { key, id } = await ihf('keys', 'create', 'web', '--expires', '2099-01-01');
  const api = apiOf(server.url, key);
  const body = { key: 'pay', widget_type: 'button', name: 'Pay' } as const;
  assert.equal((await api.POST('/api/v2/widgets', { body })).response.status, 201);
  const fresh = await ihf('keys', 'rotate', String(id), '--overlap', '1h');
  assert.equal((await apiOf(server.url, fresh.key).GET('/api/v2/widgets')).response.status, 200);
  await ihf('manifests', 'suspend', String(manifest.id));
  assert.equal((await api.POST('/api/v2/widgets', { body: { ...body, key: 'b' } })).response.status, 403);
  await ihf('keys', 'revoke', String(id));
  assert.equal((await api.GET('/api/v2/widgets')).response.status, 401);
  await ihf('consumers', 'disable', 'web');
  assert.equal((await apiOf(server.url, fresh.key).GET('/api/v2/widgets')).response.status, 401);
  const listed = await ihf<object[]>('keys', 'list', '--consumer', 'web');
  assert.ok(!JSON.stringify(listed).includes(String(key)), 'a key is shown once');
});

test('every error is one line that names the value and the remedy', async () => {
  const cases: [string[], RegExp][] = [
    [['keys', 'create', 'nobody'], /no consumer 'nobody'.*consumers list/],
    [['keys', 'revoke', 'x'], /'x' is no id of a key.*keys list/],
    [['keys', 'rotate', server.caller.keyId, '--overlap', 'soon'], /'soon' is no length of time/],
    [['consumers', 'create', 'nowhere', 'web'], /no hub 'nowhere'.*hubs list/],
    [['consumers', 'limit', server.caller.consumerId, '--rate', 'many'], /--rate is 'many'/],
    [['manifests', 'create', 'nowhere', 'm'], /no hub 'nowhere'/],
    [['hubs', 'create', 'Not A Slug'], /'Not A Slug' is no slug/],
    [['keys', 'create', server.caller.consumerId, '--expires', 'never'], /--expires is 'never'/],
    [
      ['keys', 'create', server.caller.consumerId, '--scopes', 'hub:moon:read'],
      /no scope 'hub:moon:read'.*There are hub:/,
    ],
    [['keys', 'forget', 'x'], /no command 'keys forget'/],
    [['keys', 'create'], /It goes: ihf keys create CONSUMER/],
  ];
  for (const [argv, expected] of cases) {
    const { line, code } = await refusal(...argv);
    assert.match(line, expected);
    assert.notEqual(code, 0);
  }
});
