import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { apiOf, type TestServer, testServer } from '../support/server.ts';
import { cliError, cliJson, runCli } from './support.ts';

let server: TestServer;
before(async () => {
  server = await testServer();
});
after(() => server.close());

const ihf = <T = Record<string, string>>(...argv: string[]) => cliJson<T>(argv, { DATABASE_URL: server.databaseUrl });
const rejected = (...argv: string[]) => cliError(argv, { DATABASE_URL: server.databaseUrl });

test('an operator sets up a consumer up to its first call, and revokes it again', async () => {
  const shop = await ihf('hubs', 'create', 'storefront', '--name', 'Storefront');
  const manifest = await ihf('manifests', 'create', 'storefront', 'Reporting', '--scopes', 'hub:widgets:write');
  assert.equal(manifest.status, 'draft');
  const consumer = await ihf(
    'consumers',
    'create',
    'storefront',
    'web',
    '--manifest',
    String(manifest.id),
    '--preset',
    'full',
  );
  assert.equal(consumer.hub_id, shop.id);

  const early = await ihf<{ scopes: string[] }>('keys', 'create', 'web', '--preset', 'full');
  assert.ok(!early.scopes.includes('hub:widgets:write'), 'a draft grants no writing');
  const { line, code } = await rejected('keys', 'create', 'web', '--scopes', 'hub:widgets:write');
  assert.match(line, /^ihf: Scope hub:widgets:write cannot be granted: .*manifest.*draft/);
  assert.equal(code, 2);

  await ihf('manifests', 'activate', String(manifest.id));
  const { key, id } = await ihf('keys', 'create', 'web', '--preset', 'full', '--expires', '2099-01-01');
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
  const { consumerId, keyId } = server.caller;
  const cases: [argv: string[], line: RegExp, code: number][] = [
    [['keys', 'create', 'nobody'], /There is no consumer 'nobody'\. Run 'ihf consumers list'/, 1],
    [['keys', 'revoke', 'x'], /'x' is not a valid key id\. Run 'ihf keys list'/, 2],
    [['keys', 'rotate', keyId, '--overlap', 'soon'], /--overlap must be a duration .*7d \(got 'soon'\)/, 2],
    [
      ['consumers', 'create', 'nowhere', 'web', '--preset', 'full'],
      /There is no hub 'nowhere'\. Run 'ihf hubs list'/,
      1,
    ],
    [['consumers', 'limit', consumerId, '--rate', 'many'], /--rate must be .* 'default' \(got 'many'\)/, 2],
    [['consumers', 'assign', consumerId, 'all'], /'all' is not a valid manifest id\. Run 'ihf manifests list'/, 2],
    [['manifests', 'create', 'nowhere', 'm'], /There is no hub 'nowhere'/, 1],
    [['hubs', 'create', 'Not A Slug'], /'Not A Slug' is not a valid slug\. Use at most 63/, 2],
    [['keys', 'create', consumerId, '--expires', 'never'], /--expires must be an ISO 8601 .* \(got 'never'\)/, 2],
    [['keys', 'create', consumerId, '--scopes', 'hub:moon:read'], /Unknown scope 'hub:moon:read'\. Use any of hub:/, 2],
    [['contract', 'diff', 'one', '2'], /FROM must be the number .* \(got 'one'\)\. Run 'ihf contract revisions'/, 2],
    [['registries', 'list', 'colors'], /Unknown registry 'colors'\. Use one of annotation_categories, /, 2],
    [['registries', 'retire', 'event_types', 'waved'], /There is no value 'waved' in event_types\. Run/, 1],
    [['operators', 'invite', 'Not A Name'], /'Not A Name' is not a valid operator name\. Use at most 63/, 2],
    [['operators', 'disable', 'nobody'], /There is no operator 'nobody'\. Run 'ihf operators list'/, 1],
  ];
  for (const [argv, expected, code] of cases) {
    const error = await rejected(...argv);
    assert.match(error.line, expected);
    assert.equal(error.code, code, error.line);
  }
});

test('without --json a key is printed once, with the advice to store it; a list shows its prefix', async () => {
  const environment = { DATABASE_URL: server.databaseUrl };
  const { consumerId } = server.caller;
  const { stdout } = await runCli(['keys', 'create', consumerId, '--name', 'ci', '--preset', 'read-only'], environment);
  const [key = '', advice = ''] = stdout.split('\n');
  assert.equal((await apiOf(server.url, key).GET('/api/v2/me')).response.status, 200);
  assert.match(advice, /^Store this key now; it cannot be shown again\. Its id is /);
  const list = (await runCli(['keys', 'list', '--consumer', consumerId], environment)).stdout;
  assert.match(list, /^id +prefix +name +state +expires +last used +scopes\n/);
  assert.match(list, / ci +active /);
  assert.ok(!list.includes(key));
});
