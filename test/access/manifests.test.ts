import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { insertManifest, setManifestStatus } from '../../server/store/access/manifests.ts';
import { apiOf, createWidget, type TestServer, testServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await testServer();
});
after(() => server.close());

test('suspending a manifest stops writes on every node before it returns; reads continue', async () => {
  const nodes = [server, await server.anotherNode(), await server.anotherNode()];
  const caller = await server.anotherCaller();
  const { widgetId } = await createWidget(caller.api);
  const body = { widget_id: widgetId, event_type: 'clicked' };
  const statuses = async () =>
    Promise.all(
      nodes.map(async ({ url }) => {
        const api = apiOf(url, caller.key);
        const [write, read] = await Promise.all([
          api.POST('/api/v2/interaction-events', { body }),
          api.GET('/api/v2/interaction-events'),
        ]);
        return [write.response.status, read.response.status];
      }),
    );
  assert.deepEqual(await statuses(), [
    [201, 200],
    [201, 200],
    [201, 200],
  ]);
  await setManifestStatus(server.database, caller.hubId, caller.manifestId, 'suspended');
  assert.deepEqual(await statuses(), [
    [403, 200],
    [403, 200],
    [403, 200],
  ]);
  const { error, response } = await caller.api.POST('/api/v2/interaction-events', { body });
  assert.equal(error?.detail, `Missing scope hub:interactions:write: manifest ${caller.manifestId} is suspended.`);
  assert.match(
    response.headers.get('www-authenticate') ?? '',
    /error="insufficient_scope", scope="hub:interactions:write"/,
  );
  await setManifestStatus(server.database, caller.hubId, caller.manifestId, 'active');
  assert.deepEqual(await statuses(), [
    [201, 200],
    [201, 200],
    [201, 200],
  ]);
});

test('a write scope that the manifest does not declare is not in force', async () => {
  const caller = await server.anotherCaller({ declared: ['hub:widgets:write'] });
  const { widgetId } = await createWidget(caller.api);
  const refused = await caller.api.POST('/api/v2/interaction-events', {
    body: { widget_id: widgetId, event_type: 'clicked' },
  });
  assert.match(refused.error?.detail ?? '', /does not declare it/);
});

test('at most one manifest of a hub is active, and a retired one stays retired', async () => {
  const caller = await server.anotherCaller();
  const second = await insertManifest(server.database, { hub_id: caller.hubId, name: 'second', scopes: [] });
  await assert.rejects(
    setManifestStatus(server.database, second.hub_id, second.id, 'active'),
    /Another manifest of this hub is active/,
  );
  await setManifestStatus(server.database, caller.hubId, caller.manifestId, 'retired');
  await setManifestStatus(server.database, second.hub_id, second.id, 'active');
  await assert.rejects(
    setManifestStatus(server.database, caller.hubId, caller.manifestId, 'active'),
    /cannot become active again/,
  );
});

test('a consumer can only use a manifest of its own hub', async () => {
  const [one, two] = [await server.anotherCaller(), await server.anotherCaller()];
  await assert.rejects(
    server.database.query('update api_consumers set manifest_id = $2 where id = $1', [one.consumerId, two.manifestId]),
    { code: 'invalid_request' },
  );
});
