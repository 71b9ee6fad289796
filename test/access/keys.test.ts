import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { issueKey, rotateKey } from '../../server/access/api-keys.ts';
import { newCredential } from '../../server/credentials.ts';
import { revokeKey } from '../../server/store/access/api-keys.ts';
import { setConsumerDisabled } from '../../server/store/access/consumers.ts';
import { apiOf, type TestNode, type TestServer, testServer } from '../support/server.ts';
import { waitFor } from '../support/wait.ts';

let server: TestServer;
let nodes: TestNode[];
let db: pg.Client;

before(async () => {
  server = await testServer();
  nodes = [server, await server.anotherNode(), await server.anotherNode()];
  db = new pg.Client(server.databaseUrl);
  await db.connect();
});
after(async () => {
  await db.end();
  await server.close();
});

const tryKey = async (url: string, key: string) => (await apiOf(url, key).GET('/api/v2/hubs')).response.status;

test('the database stores the SHA-256 and the prefix of a key, never the key', async () => {
  const { rows } = await db.query('select encode(key_hash, $1) as hash, * from api_keys', ['hex']);
  const dump = JSON.stringify(rows);
  assert.ok(!dump.includes(server.caller.key));
  assert.ok(dump.includes(server.caller.key.slice(0, 15)));
});

test('after the revoking command returns no node accepts the key, under load on three nodes', async () => {
  const { id, key } = await issueKey(server.database, {
    hub_id: server.caller.hubId,
    consumer_id: server.caller.consumerId,
  });
  let revokedAt = Number.POSITIVE_INFINITY;
  let stop = false;
  const late: number[] = [];
  let accepted = 0;
  let rejected = 0;
  const load = nodes.flatMap(({ url }) =>
    Array.from({ length: 8 }, async () => {
      while (!stop) {
        const sentAt = performance.now();
        const status = await tryKey(url, key);
        if (status === 200) accepted += 1;
        if (status === 401) rejected += 1;
        if (status === 200 && sentAt > revokedAt) late.push(sentAt - revokedAt);
        assert.ok(status === 200 || status === 401);
      }
    }),
  );
  await waitFor(() => accepted > 50, 'the key is accepted');
  await revokeKey(server.database, server.caller.hubId, id);
  revokedAt = performance.now();
  await waitFor(() => rejected > 100, 'the key is rejected');
  stop = true;
  await Promise.all(load);
  assert.deepEqual(late, []);
});

test('a mistyped key runs no query, and an unknown one is rejected like a revoked one', async () => {
  // Any query about a credential would wait for this transaction, and the request would be 503.
  await db.query('begin');
  await db.query('lock table api_keys, access_tokens, api_consumers in access exclusive mode');
  for (let index = 0; index < 50; index++) assert.equal(await tryKey(server.url, `ihf_live_${'0'.repeat(49)}`), 401);
  await db.query('rollback');
  assert.equal(await tryKey(server.url, newCredential('key').secret), 401);
});

test('an expired key and the keys of a disabled consumer are rejected with the reason', async () => {
  const expired = await server.anotherCaller({ expiresAt: '2020-01-01T00:00:00Z' });
  const { response, error } = await expired.api.GET('/api/v2/hubs');
  assert.equal(response.status, 401);
  assert.equal(error?.detail, 'The API key has expired. Use an active key.');
  assert.match(response.headers.get('www-authenticate') ?? '', /^Bearer realm="ihf", error="invalid_token"/);
  const other = await server.anotherCaller();
  await setConsumerDisabled(server.database, other.hubId, other.consumerId, true);
  assert.equal(
    (await other.api.GET('/api/v2/hubs')).error?.detail,
    'The consumer is disabled. Ask the operator to enable it.',
  );
  await setConsumerDisabled(server.database, other.hubId, other.consumerId, false);
  assert.equal((await other.api.GET('/api/v2/hubs')).response.status, 200);
});

test('a rotated key is valid during the overlap only, and the new one has its scopes', async () => {
  const old = await issueKey(server.database, {
    hub_id: server.caller.hubId,
    consumer_id: server.caller.consumerId,
    scopes: ['hub:widgets:read'],
  });
  const fresh = await rotateKey(server.database, old.hub_id, old.id, 3600);
  assert.deepEqual(fresh?.scopes, ['hub:widgets:read']);
  assert.equal(await tryKey(server.url, old.key), 200);
  assert.equal(await tryKey(server.url, fresh?.key ?? ''), 200);
  const { rows } = await db.query(
    'select extract(epoch from expires_at - now()) as seconds from api_keys where id = $1',
    [old.id],
  );
  assert.ok(rows[0].seconds > 3000 && rows[0].seconds <= 3600);
  // The overlap ends.
  await db.query('update api_keys set expires_at = now() where id = $1', [old.id]);
  assert.equal(await tryKey(server.url, old.key), 401);
  assert.equal(await tryKey(server.url, fresh?.key ?? ''), 200);
});

test('last_used_at is written with the uses that are counted in memory', async () => {
  const { rows: before } = await db.query('select now() as time');
  await tryKey(server.url, server.caller.key);
  await server.keyUsage.flush();
  const { rows: after } = await db.query('select last_used_at from api_keys where id = $1', [server.caller.keyId]);
  assert.ok(after[0].last_used_at >= before[0].time);
});
