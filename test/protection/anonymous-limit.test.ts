import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readTrustProxy } from '../../server/http/trust-proxy.ts';
import { type RunningServer, startServer } from '../../server/server.ts';
import { type Caller, newCaller } from '../support/access.ts';
import { testDatabase } from '../support/database.ts';
import { CONFIG } from '../support/server.ts';

const PER_MINUTE = 20;

let database: Awaited<ReturnType<typeof testDatabase>>;
let server: RunningServer;
let caller: Caller;

before(async () => {
  database = await testDatabase();
  server = await startServer(
    { ...CONFIG, anonymousPerMinute: PER_MINUTE, trustProxy: readTrustProxy('loopback') },
    database.url,
  );
  caller = await newCaller(server.database);
});
after(async () => {
  await server.close();
  await database.drop();
});

const get = (ip: string, path: string, headers: Record<string, string> = {}) =>
  fetch(server.url + path, { headers: { ...headers, 'X-Forwarded-For': ip } });

async function exhaust(ip: string): Promise<void> {
  for (let sent = 0; sent < PER_MINUTE; sent++) await (await get(ip, '/nowhere')).arrayBuffer();
}

test('beyond the limit of an IP address a request without a credential gets 429; other IP addresses are served', async () => {
  await exhaust('192.0.2.1');
  for (const path of ['/api/v2/openapi.json', '/nowhere', '/api/v2/hubs', '/admin/sign-in', '/api/v2/docs/']) {
    const refused = await get('192.0.2.1', path);
    assert.equal(refused.status, 429, path);
    assert.match(refused.headers.get('retry-after') ?? '', /^\d\d?$/);
    assert.match(await refused.text(), /Your IP address is limited to 20 requests per minute without a credential\./);
  }
  // No operation of the contract checks a credential here.
  assert.equal((await get('192.0.2.1', '/api/v2/openapi.json', { Authorization: 'Bearer x' })).status, 429);
  assert.equal((await get('192.0.2.2', '/nowhere')).status, 404);
});

test('a caller with a valid credential and the probes are served beside them', async () => {
  await exhaust('192.0.2.3');
  const headers = { Authorization: `Bearer ${caller.key}` };
  for (let sent = 0; sent < 2 * PER_MINUTE; sent++)
    assert.equal((await get('192.0.2.3', '/api/v2/hubs', headers)).status, 200);
  for (const path of ['/healthz', '/readyz']) assert.equal((await get('192.0.2.3', path)).status, 200);
});

test('requests with wrong credentials count, and those beyond the limit write no rows to the request log', async () => {
  const wrong = { Authorization: 'Bearer wrong' };
  for (let sent = 0; sent < 3 * PER_MINUTE; sent++)
    assert.equal((await get('192.0.2.4', '/api/v2/hubs', wrong)).status, 401);
  assert.equal((await get('192.0.2.4', '/nowhere')).status, 429);
  await server.requestLog.flush();
  const rows = await server.database.query<{ rows: number }>(
    'select count(*) as rows from api_request_log where status = 401',
  );
  assert.equal(rows[0]?.rows, PER_MINUTE);
});
