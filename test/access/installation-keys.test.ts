import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { OPERATIONS } from '../../generated/operations.ts';
import { issueInstallationKey } from '../../server/access/installation-keys.ts';
import { listScopes } from '../../server/store/access/consumers.ts';
import { revokeInstallationKey } from '../../server/store/access/installation-keys.ts';
import { apiOf, type TestServer, testServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await testServer();
});
after(() => server.close());

let made = 0;
const add = (key?: string) =>
  apiOf(server.url, key).POST('/api/v2/registries/{registry}/values', {
    params: { path: { registry: 'event_types' } },
    body: { name: `added_${++made}`, label: 'Added' },
  });
const issue = (expires_at?: string) =>
  issueInstallationKey(server.database, { name: 'ci', scopes: ['installation:registries:write'], expires_at });

test('a consumer with every scope cannot change a registry, and no scope allows it', async () => {
  const { response, error } = await add(server.caller.key);
  assert.equal(response.status, 401);
  assert.match(error?.detail ?? '', /requires an installation key/);
  assert.ok(!(await listScopes(server.database)).some(({ name }) => name === 'hub:registries:write'));
  const installation = Object.entries(OPERATIONS).filter(([, operation]) => operation.installation);
  assert.deepEqual(
    installation.map(([id]) => id),
    ['createRegistry', 'addRegistryValue', 'updateRegistryValue'],
  );
});

test('an installation key changes a registry until it is revoked, and the audit log names it', async () => {
  const { id, key, key_prefix } = await issue();
  assert.equal((await add(key)).response.status, 201);
  const [entry] = await server.database.query<{ actor: string }>(
    `select actor from audit_log where subject_type = 'event_types' and subject = $1`,
    [`added_${made}`],
  );
  assert.equal(entry?.actor, `installation-key:${key_prefix}`);
  await revokeInstallationKey(server.database, id);
  assert.equal((await add(key)).response.status, 401);
});

test('a missing, expired or unknown installation key is rejected', async () => {
  const { key } = await issue('2020-01-01T00:00:00Z');
  for (const each of [undefined, key, `${key}x`]) assert.equal((await add(each)).response.status, 401);
});

test('an installation key reads no data of a hub, and its secret is not stored', async () => {
  const { key } = await issue();
  for (const path of ['/api/v2/widgets', '/api/v2/me'] as const) {
    assert.equal((await apiOf(server.url, key).GET(path)).response.status, 401, path);
  }
  const rows = await server.database.query('select * from installation_keys');
  assert.ok(!JSON.stringify(rows).includes(key));
});
