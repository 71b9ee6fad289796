import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import {
  assertUnderstood,
  type QueryCase,
  type QueryResult,
  queryCases,
  resultOf,
  strictly,
  targetOf,
} from '../support/query-cases.ts';
import { type TestServer, testServer } from '../support/server.ts';

const exec = promisify(execFile);

let server: TestServer;
let cases: QueryCase[];

before(async () => {
  server = await testServer();
  cases = await queryCases(server);
});
after(() => server.close());

/** Sends a request target as it is: clients differ in what they encode. */
function get(target: string): Promise<QueryResult> {
  const { hostname, port } = new URL(server.url);
  const headers = { Authorization: `Bearer ${server.caller.key}` };
  return new Promise((resolve, reject) => {
    request({ hostname, port, path: target, headers }, async (response) => {
      const body = (await response.setEncoding('utf8').toArray()).join('');
      resolve(resultOf(response.statusCode ?? 0, body));
    })
      .on('error', reject)
      .end();
  });
}

const ENCODINGS: Record<string, (text: string) => string> = {
  'hexadecimal digits in lower case': (text) => strictly(text).replace(/%../g, (octet) => octet.toLowerCase()),
  'spaces as plus signs': (text) => strictly(text).replaceAll('%20', '+'),
  'reserved characters as they are': (text) => text.replace(/[^!$'()*,/:;?@\w.~-]/g, strictly),
};

for (const [name, encode] of Object.entries(ENCODINGS)) {
  test(`every query parameter is understood with ${name}`, async () => {
    assert.ok(new Set(cases.map((each) => `${each.template} ${each.name}`)).size > 30);
    await assertUnderstood(server, cases, (each) => get(targetOf(each, encode)));
  });
}

test('every query parameter is understood as openapi-fetch encodes it', async () => {
  await assertUnderstood(server, cases, async ({ template, pathValues, query }) => {
    const params = { path: pathValues, query };
    const { response, data, error } = await server.api.GET(template as never, { params } as never);
    return resultOf(response.status, (data ?? error) as object);
  });
});

test('a repeated parameter that takes one value is rejected by name', async () => {
  const { status, errors } = await get('/api/v2/widgets?limit=1&limit=2');
  assert.deepEqual([status, (errors as { parameter: string }[]).map(({ parameter }) => parameter)], [422, ['limit']]);
});

test('a time with raw colons filters as one with encoded colons does', async () => {
  assert.equal((await get('/api/v2/interaction-events?since=2026-01-01T00:00:00Z')).status, 200);
  assert.equal((await get('/api/v2/interaction-events?since=2026-01-01T00%3A00%3a00Z')).status, 200);
  assert.equal((await get('/api/v2/interaction-events?since=2026-01-01T02:00:00%2B02:00')).status, 200);
});

test('the plus sign of a time zone offset is understood although it is not encoded', async () => {
  const rejected = await get('/api/v2/interaction-events?since=2026-02-30T02:00:00+02:00');
  assert.match(JSON.stringify(rejected), /2026-02-30T02:00:00\+02:00/);
  const later = new Date(Date.now() + 3_600_000).toISOString().slice(0, 19);
  // The same time in another zone: without its offset it would be earlier than now.
  assert.equal((await get(`/api/v2/widgets?until=${later}+02:00`)).ids.length, 0);
  assert.equal((await get(`/api/v2/widgets?until=${later}+00:00&limit=2`)).ids.length, 2);
});

test('the absolute form of a request target is understood', async () => {
  assert.equal((await get(`${server.url}/api/v2/me`)).status, 200);
});

test('curl sends what it is given, and the server understands it', async () => {
  const url = `${server.url}/api/v2/interaction-events?since=2026-01-01T00:00:00Z&limit=1`;
  const { stdout } = await exec('curl', ['-sS', '-H', `Authorization: Bearer ${server.caller.key}`, url]);
  assert.deepEqual(JSON.parse(stdout).data, []);
});
