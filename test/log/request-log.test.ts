import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { issueKey } from '../../server/access/api-keys.ts';
import { rotateClientSecret } from '../../server/access/client-secrets.ts';
import { ERROR_CODES } from '../../server/http/problem.ts';
import { startServer } from '../../server/server.ts';
import { revokeKey } from '../../server/store/access/api-keys.ts';
import { setConsumerLimits } from '../../server/store/access/consumers.ts';
import { LOG_TABLES, maintainPartitions } from '../../server/store/database/partitions.ts';
import { writeRequests } from '../../server/store/request-log/request-log.ts';
import { hasBlockedQuery, testDatabase } from '../support/database.ts';
import { CONFIG, createWidget, type TestServer, testServer } from '../support/server.ts';
import { waitFor } from '../support/wait.ts';

let server: TestServer;
let owner: pg.Client;

before(async () => {
  server = await testServer();
  owner = new pg.Client(server.databaseUrl);
  await owner.connect();
});
after(async () => {
  await owner.end();
  await server.close();
});

const ROW = `
  select log.*, api_operations.name as operation, path from api_request_log as log
  left join api_operations on api_operations.id = operation where request_id = $1`;

let named = 0;

/** Sends a request with a unique id and returns its row of the log. */
async function rowOf(path: string, init: RequestInit & { anonymous?: boolean } = {}) {
  const name = `test-${++named}`;
  const headers = new Headers(init.headers);
  headers.set('X-Request-Id', name);
  const send = init.anonymous ? (to: string, how: RequestInit) => fetch(server.url + to, how) : server.fetch;
  const response = await send(path, { ...init, headers });
  await response.arrayBuffer();
  const rows = await waitFor(async () => {
    const found = (await owner.query(ROW, [name])).rows;
    return found.length > 0 && found;
  }, `${name} is in the log`);
  assert.equal(rows.length, 1);
  return rows[0];
}

test('a request is one row: caller, operation, duration, bytes, contract revision and SDK', async () => {
  const { widgetId } = await createWidget(server.api);
  const body = JSON.stringify({ widget_id: widgetId, event_type: 'clicked' });
  const headers = { 'Content-Type': 'application/json', 'IHF-SDK': 'typescript; revision=12' };
  const before = Date.now();
  const row = await rowOf('/api/v2/interaction-events?a=secret', { method: 'POST', body, headers });
  assert.ok(Math.abs(row.ended_at.getTime() - before) < 60_000);
  assert.ok(row.duration_us > 100 && row.duration_us < 5_000_000);
  assert.ok(row.bytes_in > body.length + 100 && row.bytes_in < body.length + 1_000, `${row.bytes_in} bytes in`);
  assert.ok(row.bytes_out > 300 && row.bytes_out < 3_000, `${row.bytes_out} bytes out`);
  const { id: _, ended_at: __, duration_us: ___, bytes_in: ____, bytes_out: _____, request_id: ______, ...rest } = row;
  assert.deepEqual(rest, {
    ...{
      consumer_id: server.caller.consumerId,
      key_prefix: server.caller.key.slice(0, 15),
    },
    ...{ operation: 'createInteractionEvent', method: 'POST', path: '/api/v2/interaction-events', status: 422 },
    ...{ revision: server.contract.current.revision, sdk: 'typescript', sdk_revision: 12, problem: 'invalid-request' },
    problem_details: {
      detail: "The request has 1 validation issue. See 'errors'.",
      errors: [
        {
          ...{ parameter: 'a', code: 'unknown_parameter' },
          detail: "Unknown query parameter 'a'. The operation has none. Remove it.",
        },
      ],
    },
  });
});

test('requests of npm and pip are logged by operation', async () => {
  const revision = server.contract.current.revision;
  const wheel = `ihf_client-2.0.${revision}-py3-none-any.whl`;
  const asked: [operation: string, path: string, status: number][] = [
    ['downloadNpmPackage', '/sdk/ihf-client.tgz?', 200],
    ['downloadWheel', `/sdk/${wheel}`, 200],
    ['downloadWheel', '/sdk/ihf_client-2.0.999-py3-none-any.whl', 404],
    ['findLatestWheel', '/sdk/ihf_client-latest', 302],
    ['listPythonProjects', '/sdk/simple/', 200],
    ['listWheels', '/sdk/simple/ihf-client', 301],
    ['listWheels', '/sdk/simple/ihf-client/', 200],
    ['downloadRevisionNpmPackage', `/contract/revisions/${revision}/sdk/ihf-client.tgz`, 200],
    ['downloadRevisionWheel', `/contract/revisions/${revision}/sdk/${wheel}`, 200],
  ];
  for (const [operation, path, status] of asked) {
    const row = await rowOf(`/api/v2${path}`, { anonymous: true, redirect: 'manual' });
    assert.deepEqual([row.operation, row.status], [operation, status], path);
  }
  const head = await rowOf(`/api/v2/sdk/${wheel}`, { anonymous: true, method: 'HEAD' });
  assert.deepEqual([head.operation, head.method], ['downloadWheel', 'HEAD']);
});

test('unauthenticated requests are logged too', async () => {
  const unknown = { consumer_id: null, key_prefix: null };
  const expect = async (row: Promise<Record<string, unknown>>, expected: Record<string, unknown>) => {
    const found = await row;
    const shown = Object.fromEntries(Object.keys(expected).map((key) => [key, found[key]]));
    assert.deepEqual(shown, expected);
  };
  const anonymous = true;
  await expect(rowOf('/api/v2/hubs', { anonymous }), {
    ...{ ...unknown, operation: 'listHubs', status: 401, problem: 'unauthenticated' },
  });
  await expect(rowOf('/nowhere'), { ...unknown, operation: null, status: 404, problem: 'not-found' });
  await expect(rowOf('/api/v2/hubs', { method: 'QUERY', anonymous }), { method: 'OTHER', status: 405 });
  await expect(rowOf('/api/v2/hubs', { method: 'HEAD' }), { method: 'HEAD', operation: 'listHubs', status: 200 });
  await expect(rowOf('/api/v2/token', { method: 'POST', anonymous }), {
    ...{ ...unknown, operation: 'issueToken', status: 400, problem: 'malformed-request' },
  });
});

test('an OAuth 2.0 client is logged, with its error as an error code of the contract', async () => {
  const { client_secret } = await rotateClientSecret(server.database, server.caller.hubId, server.caller.consumerId, 0);
  const tokenFor = (secret: string, scope: string) => {
    const body = new URLSearchParams({ grant_type: 'client_credentials', scope });
    const authorization = `Basic ${btoa(`${server.caller.consumerId}:${secret}`)}`;
    return rowOf('/api/v2/token', { method: 'POST', body, headers: { authorization }, anonymous: true });
  };
  const granted = await tokenFor(client_secret, 'hub:widgets:read');
  assert.deepEqual([granted.status, granted.problem, granted.consumer_id], [200, null, server.caller.consumerId]);
  const scope = await tokenFor(client_secret, 'hub:everything:write');
  assert.deepEqual(
    [scope.status, scope.problem, scope.consumer_id],
    [400, 'insufficient-scope', server.caller.consumerId],
  );
  const wrong = await tokenFor('ihf_secret_wrong', 'hub:widgets:read');
  assert.deepEqual([wrong.status, wrong.problem, wrong.consumer_id], [401, 'unauthenticated', null]);
});

test('a rejected caller is logged: revoked key, missing scope, exceeded limit', async () => {
  const other = await server.anotherCaller({ scopes: ['hub:widgets:read'] });
  const as = (key: string) => ({ anonymous: true, headers: { Authorization: `Bearer ${key}` } });
  const forbidden = await rowOf('/api/v2/annotations', as(other.key));
  assert.deepEqual([forbidden.problem, forbidden.consumer_id], ['insufficient-scope', other.consumerId]);
  const revoked = await issueKey(server.database, { hub_id: other.hubId, consumer_id: other.consumerId });
  await revokeKey(server.database, revoked.hub_id, revoked.id);
  const late = await rowOf('/api/v2/widgets', as(revoked.key));
  assert.deepEqual([late.status, late.consumer_id, late.key_prefix], [401, other.consumerId, revoked.key.slice(0, 15)]);
  await setConsumerLimits(server.database, other.hubId, other.consumerId, { daily_quota: 0 });
  const limited = await rowOf('/api/v2/widgets', as(other.key));
  assert.deepEqual([limited.status, limited.problem], [429, 'too-many-requests']);
  assert.equal(limited.consumer_id, other.consumerId);
});

test('a request that the client aborts is logged without a status', async () => {
  await owner.query('begin');
  await owner.query('lock table hubs in access exclusive mode');
  const headers = { 'X-Request-Id': 'hung-up' };
  const controller = new AbortController();
  const aborted = assert.rejects(server.fetch('/api/v2/hubs', { headers, signal: controller.signal }));
  await waitFor(() => hasBlockedQuery(owner), 'the request waits for the lock');
  controller.abort();
  await aborted;
  await owner.query('rollback');
  const rows = await waitFor(async () => {
    const found = (await owner.query(ROW, ['hung-up'])).rows;
    return found.length > 0 && found;
  }, 'the aborted request is in the log');
  assert.deepEqual([rows.length, rows[0]?.status], [1, null]);
});

test('a batch that is sent twice is written once', async () => {
  const writer = '01936f40-0d2e-7f6b-8a55-2f4f0f7e9a22';
  const row = {
    ...{ ended_ms: performance.now(), method: 'GET' },
    ...{ status: 200, duration_us: 1, bytes_in: 1, bytes_out: 1, revision: 1 },
    ...{ request_id: 'twice' },
  };
  for (const batch of [1, 1, 2, 1]) await writeRequests(server.database, writer, batch, [row]);
  assert.equal((await owner.query(ROW, ['twice'])).rowCount, 2);
});

test('the log cannot be changed by its owner, and the server can only append', async () => {
  const { rows } = await owner.query(`select relid::regclass::text as name from pg_partition_tree('api_request_log')`);
  assert.ok(rows.length >= 5, 'yesterday to three days ahead');
  await server.requestLog.flush();
  for (const { name } of rows) await assert.rejects(owner.query(`truncate ${name}`), { code: 'IH003' });
  const changes = ['update api_request_log set status = 200', 'delete from api_request_log'];
  for (const change of changes) {
    await assert.rejects(owner.query(change), { code: 'IH003' });
    await assert.rejects(server.database.query(change), { code: '42501' });
  }
  await assert.rejects(server.database.query('delete from request_counts_by_consumer'), { code: '42501' });
  await assert.rejects(server.database.query('update request_counts_by_operation set success = 0'), { code: '42501' });
});

test('retention drops old days of the log and its counts, and creates days ahead', async () => {
  const days = async (table: string) => {
    const { rows } = await owner.query(
      `select right(relid::text, 10) as day from pg_partition_tree($1) where isleaf and relid::text !~ '_default$' order by 1`,
      [table],
    );
    return rows.map(({ day }) => day as string);
  };
  const past = "now() - interval '1 day'";
  await owner.query(
    `insert into api_request_log (id, method, duration_us, bytes_in, bytes_out, request_id, revision)
     select ihf_uuidv7_at(${past}), 'GET', 1, 1, 1, 'old', 1`,
  );
  const before = await days('api_request_log');
  for (const table of LOG_TABLES) assert.ok(await maintainPartitions(server.database, table, 0));
  for (const table of LOG_TABLES) assert.deepEqual(await days(table), before.slice(1));
  for (const table of LOG_TABLES) assert.ok(await maintainPartitions(server.database, table, 30));
  for (const table of LOG_TABLES) assert.deepEqual(await days(table), before);
  assert.equal((await owner.query("select from api_request_log where request_id = 'old'")).rowCount, 0);
});

test('buffered rows are written when the server stops', async () => {
  const database = await testDatabase();
  const ending = await startServer(CONFIG, database.url);
  await Promise.all(Array.from({ length: 40 }, () => fetch(`${ending.url}/healthz`)));
  await ending.close();
  const client = new pg.Client(database.url);
  await client.connect();
  assert.equal((await client.query('select from api_request_log')).rowCount, 40);
  await client.end();
  await database.drop();
});

test('the log accepts every error code', async () => {
  const { rows } = await owner.query(
    `select conrelid::regclass::text as name, pg_get_constraintdef(oid) as definition from pg_constraint
     where conname ~ '^(api_request_log|request_errors)_problem_check$'`,
  );
  assert.equal(rows.length >= 2, true);
  for (const { name, definition } of rows) {
    const allowed = [...definition.matchAll(/'([a-z-]+)'::text/g)].map(([, word]) => word.replaceAll('-', '_'));
    assert.deepEqual(allowed.sort(), [...ERROR_CODES].sort(), name);
  }
});
