import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { operationsOf } from '../../codegen/document.ts';
import { OPERATIONS, type OperationEntry } from '../../generated/operations.ts';
import { revokeKey } from '../../server/store/access/api-keys.ts';
import { authored } from '../support/contract.ts';
import { apiOf, createWidget, type TestServer, testServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await testServer();
});
after(() => server.close());

/** Sends the first example of an operation, with ids of existing resources of the caller's hub. */
async function call(entry: OperationEntry, ids: Record<string, string>, key?: string): Promise<Response> {
  const { operation } = [...operationsOf(authored)].find(
    ({ path, method }) => path === entry.path && method === entry.method,
  ) as { operation: { requestBody?: { content: Record<string, { examples?: Record<string, { value: object }> }> } } };
  const example = Object.values(operation.requestBody?.content['application/json']?.examples ?? {})[0]?.value;
  const path = entry.path.replaceAll(/\{(\w+)\}/g, (_, name) => ids[name] ?? 'missing');
  const body =
    example && JSON.stringify(example, (name, value) => (typeof value === 'string' ? (ids[name] ?? value) : value));
  const query = entry.path.endsWith('/diff') ? '?from=1' : '';
  return fetch(server.url + path + query, {
    method: entry.method.toUpperCase(),
    headers: { ...(key && { Authorization: `Bearer ${key}` }), ...(body && { 'Content-Type': 'application/json' }) },
    ...(body && { body }),
  });
}

/** Creates one resource of every kind in the hub of this key. */
async function resources(key: string): Promise<Record<string, string>> {
  const api = apiOf(server.url, key);
  const { widgetId, hubId } = await createWidget(api);
  const event = await api.POST('/api/v2/interaction-events', { body: { widget_id: widgetId, event_type: 'clicked' } });
  const annotation = await api.POST('/api/v2/annotations', {
    body: { widget_id: widgetId, category: 'bug', body: 'x' },
  });
  return {
    hub_id: hubId,
    widget_id: widgetId,
    event_id: event.data?.id ?? '',
    annotation_id: annotation.data?.id ?? '',
    registry: 'event_types',
    value_name: 'clicked',
    revision: '1',
    sdk_file: 'ihf-client.ts',
  };
}

// Operations of the installation reject every consumer: see installation-keys.test.ts.
const secured = Object.entries(OPERATIONS).filter(
  ([, { scopes, installation }]) => scopes !== undefined && !installation,
);

test('every operation except public ones requires authentication, as declared in the contract', async () => {
  const expired = await server.anotherCaller({ expiresAt: '2020-01-01T00:00:00Z' });
  const revoked = await server.anotherCaller();
  const ids = await resources(revoked.key);
  await revokeKey(server.database, revoked.hubId, revoked.keyId);
  const strangers = {
    nobody: undefined,
    'a made-up key': `ihf_live_${'0'.repeat(49)}`,
    expired: expired.key,
    revoked: revoked.key,
  };
  for (const [id, entry] of secured) {
    for (const [who, key] of Object.entries(strangers)) {
      const response = await call(entry, ids, key);
      assert.equal(response.status, 401, `${id} as ${who}: ${await response.text()}`);
      assert.match(response.headers.get('www-authenticate') ?? '', /^Bearer/, id);
    }
  }
});

test('every operation requires its scope, and an active manifest for writes', async () => {
  const all = [...new Set(secured.flatMap(([, { scopes }]) => scopes ?? []))];
  const owner = await server.anotherCaller();
  const ids = await resources(owner.key);
  const suspended = await server.anotherCaller({ status: 'suspended' });
  for (const [id, entry] of secured) {
    const [scope] = entry.scopes as string[];
    if (scope === undefined) continue;
    const lacking = await server.anotherCaller({ scopes: all.filter((other) => other !== scope) });
    const response = await call(entry, ids, lacking.key);
    assert.equal(response.status, 403, id);
    assert.match(((await response.json()) as { detail: string }).detail, new RegExp(`^Missing scope ${scope}: `));
    const under = await call(entry, await readableIds(ids), suspended.key);
    if (scope.endsWith(':write')) assert.equal(under.status, 403, id);
    else assert.notEqual(under.status, 403, id);
  }
});

const readableIds = async (ids: Record<string, string>) => ids;

test('resources of another hub are 404', async () => {
  const owner = await server.anotherCaller();
  const ids = await resources(owner.key);
  const other = await server.anotherCaller();
  for (const [id, entry] of secured) {
    const ofHub = /\{(hub|widget|event|annotation)_id\}/.test(entry.path);
    const response = await call(entry, ids, other.key);
    const text = await response.text();
    if (ofHub) assert.equal(response.status, 404, `${id}: ${text}`);
    for (const name of ['hub_id', 'widget_id', 'event_id', 'annotation_id']) {
      const echoed = text.includes(`There is no`) || response.status === 422;
      assert.ok(echoed || !text.includes(ids[name] as string), `${id} tells ${name} of another hub: ${text}`);
    }
    // The owner succeeds, so the request itself was valid.
    if (ofHub) assert.ok((await call(entry, ids, owner.key)).status < 300, id);
  }
  for (const [list] of secured.filter(([, { path, method }]) => method === 'get' && !path.includes('{'))) {
    const text = await (await call(OPERATIONS[list as keyof typeof OPERATIONS], ids, other.key)).text();
    assert.ok(!text.includes(owner.hubId), list);
  }
});

test('every operation declares its security, and its scopes are those of the database', async () => {
  const known = (await server.database.query<{ name: string }>('select name from api_scopes')).map(({ name }) => name);
  const flows = authored.components.securitySchemes?.OAuth2 as { flows: { clientCredentials: { scopes: object } } };
  assert.deepEqual(Object.keys(flows.flows.clientCredentials.scopes).sort(), known.sort());
  for (const { operation } of operationsOf(authored)) {
    assert.ok(operation.security, `${operation.operationId} declares no security`);
    for (const scopes of operation.security.flatMap((alternative) => Object.values(alternative))) {
      for (const scope of scopes) assert.ok(known.includes(scope), scope);
    }
  }
});
