import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { deref, operationsOf, type Parameter } from '../../codegen/document.ts';
import { authored } from '../support/contract.ts';
import { type TestServer, testServer } from '../support/server.ts';

const exec = promisify(execFile);

let server: TestServer;

before(async () => {
  server = await testServer();
});
after(() => server.close());

/** Every query parameter of the contract, with the path of an operation that has it. */
const PARAMETERS = [...operationsOf(authored)].flatMap(({ path, method, operation }) => {
  if (method !== 'get' || path.includes('{') || operation['x-ihf-protocol']) return [];
  const parameters = (operation.parameters ?? []).map((parameter) => deref<Parameter>(authored, parameter));
  return parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => ({ path, name }));
});

/** Sends a request target as it is: clients differ in what they encode. */
function get(target: string): Promise<{ status: number; body: string }> {
  const { hostname, port } = new URL(server.url);
  const headers = { Authorization: `Bearer ${server.caller.key}` };
  return new Promise((resolve, reject) => {
    request({ hostname, port, path: target, headers }, async (response) => {
      const body = (await response.setEncoding('utf8').toArray()).join('');
      resolve({ status: response.statusCode ?? 0, body });
    })
      .on('error', reject)
      .end();
  });
}

test('every query parameter is read the same, whether its reserved characters are raw or encoded in either case', async () => {
  assert.ok(PARAMETERS.length > 20);
  for (const { path, name } of PARAMETERS) {
    const value = "a:b/c@d!e$f'g(h)i*j,k;l";
    const encoded = encodeURIComponent(value).replaceAll('*', '%2A').replaceAll("'", '%27').replaceAll('!', '%21');
    const [raw, upper, lower] = await Promise.all([
      get(`${path}?${name}=${value}`),
      get(`${path}?${name}=${encoded}`),
      get(`${path}?${name}=${encoded.replace(/%../g, (octet) => octet.toLowerCase())}`),
    ]);
    const issues = ({ body }: { body: string }) => JSON.stringify(JSON.parse(body).errors ?? []);
    assert.deepEqual([raw.status, issues(raw)], [upper.status, issues(upper)], `${path} ${name}`);
    assert.deepEqual([lower.status, issues(lower)], [upper.status, issues(upper)], `${path} ${name}`);
    assert.doesNotMatch(raw.body, /reserved/i, `${path} ${name}`);
  }
});

test('a time with raw colons filters as one with encoded colons does', async () => {
  assert.equal((await get('/api/v2/interaction-events?since=2026-01-01T00:00:00Z')).status, 200);
  assert.equal((await get('/api/v2/interaction-events?since=2026-01-01T00%3A00%3a00Z')).status, 200);
  assert.equal((await get('/api/v2/interaction-events?since=2026-01-01T02:00:00%2B02:00')).status, 200);
});

test('the absolute form of a request target is understood', async () => {
  assert.equal((await get(`${server.url}/api/v2/me`)).status, 200);
});

test('curl sends what it is given, and the server understands it', async () => {
  const url = `${server.url}/api/v2/interaction-events?since=2026-01-01T00:00:00Z&limit=1`;
  const { stdout } = await exec('curl', ['-sS', '-H', `Authorization: Bearer ${server.caller.key}`, url]);
  assert.deepEqual(JSON.parse(stdout).data, []);
});
