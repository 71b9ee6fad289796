import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, mock, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import pg from 'pg';
import { handlers } from '../../server/handlers/index.ts';
import { authored } from '../support/contract.ts';
import { allOperations } from '../support/operations.ts';
import { type Problem, placesIn, UNKNOWN_ID } from '../support/responses.ts';
import { createWidget, type TestServer, testServer } from '../support/server.ts';

// The ajv of express-openapi-validator: problem documents are validated without our code.
const { default: Ajv } = createRequire(createRequire(import.meta.url).resolve('express-openapi-validator'))(
  'ajv/dist/2020',
);
const ajv = new Ajv({ strict: false, validateFormats: false }).addSchema(authored, 'contract');
const isProblem = ajv.getSchema('contract#/components/schemas/Problem');

let server: TestServer;
before(async () => {
  server = await testServer();
});
after(() => server.close());

const JSON_TYPE = { 'Content-Type': 'application/json' };

/** Asserts an error with this status whose problem document is valid, and returns it. */
async function rejection(
  status: number,
  path: string,
  init: RequestInit = {},
): Promise<Problem & { response: Response }> {
  // Registries belong to the installation: its key changes them.
  const changesRegistries = /^\/api\/v2\/registries\b/.test(path) && ['POST', 'PATCH'].includes(init.method ?? 'GET');
  const headers = new Headers(init.headers);
  headers.set('Authorization', `Bearer ${changesRegistries ? server.installationKey : server.caller.key}`);
  const response = await fetch(server.url + path, { redirect: 'manual', ...init, headers });
  const text = await response.text();
  assert.equal(response.status, status, `${init.method ?? 'GET'} ${path}: ${text}`);
  assert.equal(response.headers.get('content-type'), 'application/problem+json');
  const problem = JSON.parse(text);
  assert.ok(isProblem(problem), JSON.stringify(isProblem.errors));
  assert.equal(problem.status, status);
  assert.equal(problem.request_id, response.headers.get('x-request-id'));
  assert.match(response.headers.get('ihf-contract-revision') ?? '', /^[1-9]\d*$/);
  return { ...problem, response };
}

const everyBody = () => allOperations().filter(({ hasBody }) => hasBody);
const send = (method: string, body: BodyInit, headers: HeadersInit = JSON_TYPE) => ({ method, headers, body });

test('every operation rejects an invalid body with its validation issues', async () => {
  assert.ok(everyBody().length >= 8);
  for (const { url, method, operationId } of everyBody()) {
    for (const body of ['{"":0,"a/b":{}}', '[]', 'null', '5', '"text"', 'true']) {
      const { errors = [] } = await rejection(422, url, send(method, body));
      assert.ok(errors.length > 0, operationId);
      for (const { pointer } of errors) assert.match(pointer ?? '', /^#/, operationId);
    }
    const odd = await rejection(422, url, send(method, '{"":0,"a/b":{}}'));
    for (const place of ['#/ additional_properties', '#/a~1b additional_properties']) {
      assert.ok(placesIn(odd).includes(place), operationId);
    }
    assert.deepEqual(placesIn(await rejection(422, url, { method })), ['# required'], operationId);
  }
});

test('malformed JSON is 400 for every operation', async () => {
  for (const { url, method } of everyBody()) {
    for (const body of ['{', '{"a":}', "{'a':1}", 'undefined', '\ufeff\ufeff{}', '{"a":1}x']) {
      await rejection(400, url, send(method, body));
    }
  }
});

test('a body of another media type, or of none, is 415 for every operation', async () => {
  const bytes = new TextEncoder().encode('{}');
  for (const { url, method } of everyBody()) {
    for (const type of ['text/plain', 'application/xml', 'application/json; charset=latin1', 'application/jsonx']) {
      await rejection(415, url, send(method, bytes, { 'Content-Type': type }));
    }
    await rejection(415, url, send(method, bytes, {}));
    await rejection(415, url, send(method, bytes, { ...JSON_TYPE, 'Content-Encoding': 'zstd' }));
  }
});

test('JSON is accepted with other spellings of its media type, and compressed', async () => {
  for (const type of ['application/json; charset=utf-8', 'Application/JSON;charset="UTF-8"', 'application/json;v=1']) {
    await rejection(422, '/api/v2/widgets', send('POST', '{}', { 'Content-Type': type }));
  }
  const compressed = { ...JSON_TYPE, 'Content-Encoding': 'gzip' };
  const { errors } = await rejection(
    422,
    '/api/v2/widgets',
    send('POST', gzipSync('{"key":"x","name":"x"}'), compressed),
  );
  assert.deepEqual(
    errors?.map(({ pointer }) => pointer),
    ['#/widget_type'],
  );
  await rejection(400, '/api/v2/widgets', send('POST', 'not gzip', compressed));
});

test('a body of more than 4 MiB is 413, whatever its encoding', async () => {
  const large = JSON.stringify({ key: 'x', name: 'x'.repeat(4 * 1024 * 1024) });
  await rejection(413, '/api/v2/widgets', send('POST', large));
  await rejection(413, '/api/v2/widgets', send('POST', gzipSync(large), { ...JSON_TYPE, 'Content-Encoding': 'gzip' }));
  const streamed = { ...send('POST', new Blob([large]).stream()), duplex: 'half' } as RequestInit;
  await rejection(413, '/api/v2/widgets', streamed);
});

test('an unknown path is 404; an unsupported method is 405 with the allowed ones', async () => {
  for (const path of [
    '/nothing',
    '/api',
    '/api/v2/nothing',
    '/api/v2/hubs/x/y',
    '/api/v2/HUBS',
    '/api/v2/docs/nothing',
  ]) {
    await rejection(404, path);
  }
  for (const { url, method } of allOperations()) {
    const { response } = await rejection(405, url, { method: 'PROPFIND' });
    const allowed = response.headers.get('allow')?.split(/, */) ?? [];
    assert.ok(allowed.includes(method), `${url}: ${allowed}`);
    assert.ok(!allowed.includes('PROPFIND'));
  }
});

test('a path that cannot be decoded is rejected, never an internal error', async () => {
  for (const path of ['/api/v2/hubs/%', '/api/v2/hubs/%zz', '/api/v2/hubs/%ff', '/%00', '/api/v2/hubs/%2e%2e']) {
    const response = await server.fetch(path);
    assert.ok([400, 404, 422].includes(response.status), `${path}: ${response.status}`);
    assert.ok(isProblem(await response.json()), path);
  }
});

test('every operation rejects an unknown query parameter by name', async () => {
  for (const { url, method, hasBody, operationId } of allOperations()) {
    const init = hasBody ? send(method, '{"":0}') : { method };
    const places = placesIn(await rejection(422, `${url}?filtre=1&__proto__=2`, init));
    assert.ok(places.includes('filtre unknown_parameter'), operationId);
    assert.ok(places.includes('__proto__ unknown_parameter'), operationId);
  }
});

test('all validation issues of a request are returned at once', async () => {
  const body = JSON.stringify({ widget_id: 'x', event_type: 'clickd', occurred_at: 5, more: '\0' });
  const init = send('POST', body, { ...JSON_TYPE, 'Idempotency-Key': 'k'.repeat(300) });
  assert.deepEqual(placesIn(await rejection(422, '/api/v2/interaction-events?a=1', init)), [
    '#/event_type unknown_value',
    '#/more additional_properties',
    '#/more unsupported_character',
    '#/occurred_at type',
    '#/widget_id format',
    'Idempotency-Key max_length',
    'a unknown_parameter',
  ]);
  const query = '/api/v2/interaction-events?limit=0&hub_id=x&event_type=nope&since=now';
  assert.deepEqual(placesIn(await rejection(422, query)), [
    'event_type unknown_value',
    'hub_id format',
    'limit minimum',
    'since format',
  ]);
});

test('a validation issue names the field, the value and the remedy', async () => {
  const { errors } = await rejection(
    422,
    '/api/v2/widgets',
    send('POST', '{"key":5,"widget_type":"button","the/name":"x"}'),
  );
  const details = errors?.map(({ detail }) => detail).sort();
  assert.match(details?.[0] ?? '', /^Unknown field 'the\/name'\. Remove it or correct its name\.$/);
  assert.match(details?.[2] ?? '', /^name is required\. Add it\.$/);
  assert.match(details?.[1] ?? '', /^key must be a string \(got 5\)\.$/);
});

test('many spellings of Content-Type do not grow the heap', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const odd = async (from: number, to: number) => {
    for (let n = from; n < to; n++) {
      const type = n % 2 ? `application/json; odd-${n}=${n}` : `application/x-odd-${n}`;
      const response = await server.fetch('/api/v2/widgets', send('POST', '{}', { 'Content-Type': type }));
      assert.equal(response.status, n % 2 ? 422 : 415);
      await response.arrayBuffer();
    }
    collect();
    return process.memoryUsage().heapUsed / 2 ** 20;
  };
  const before = await odd(0, 200);
  const after = await odd(200, 2_200);
  assert.ok(after - before < 8, `${before.toFixed(1)} MiB before, ${after.toFixed(1)} MiB after`);
});

test('an operation without a handler is 501', async () => {
  const { getHub, ...others } = handlers;
  Object.assign(handlers, others, { getHub: undefined });
  try {
    const problem = await rejection(501, `/api/v2/hubs/${UNKNOWN_ID}`);
    assert.equal(problem.detail, 'Operation getHub is not implemented on this server.');
  } finally {
    handlers.getHub = getHub;
  }
});

test('an unexpected error is 500 without details; the log has all of them', async () => {
  const db = new pg.Client(server.databaseUrl);
  await db.connect();
  await db.query('alter table hubs rename to secret_name');
  const stderrWrite = mock.method(process.stderr, 'write', () => true);
  try {
    const { response: _, request_id, ...rest } = await rejection(500, '/api/v2/hubs');
    assert.deepEqual(rest, { type: 'urn:ihf:problem:internal-error', title: 'Internal server error', status: 500 });
    const line = String(stderrWrite.mock.calls[0]?.arguments[0]);
    const { request_id: logged, err } = JSON.parse(line);
    assert.equal(logged, request_id);
    assert.match(err.stack, /"hubs" does not exist/);
  } finally {
    stderrWrite.mock.restore();
    await db.query('alter table secret_name rename to hubs');
    await db.end();
  }
  await createWidget(server.api);
});
