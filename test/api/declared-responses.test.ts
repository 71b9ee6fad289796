import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type Response as Declared,
  type Document,
  deref,
  type Operation,
  operationsOf,
} from '../../codegen/document.ts';
import { setConsumerLimits } from '../../server/store/access/consumers.ts';
import { newCaller } from '../support/access.ts';
import { authored } from '../support/contract.ts';
import { UNKNOWN_ID } from '../support/responses.ts';
import { createWidget, type TestServer, testServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await testServer();
  await createWidget(server.api);
});
after(() => server.close());

/** Headers that belong to HTTP itself or to browsers, not to an operation. */
const GENERAL = new RegExp(
  `^(${[
    'access-control-.*|connection|content-(encoding|length|security-policy|type)|date|keep-alive|location|pragma',
    'strict-transport-security|transfer-encoding|vary|x-content-type-options|referrer-policy|accept-ranges|last-modified',
  ].join('|')})$`,
);
const VALUES: Record<string, string> = {
  registry: 'event_types',
  value_name: 'clicked',
  revision: '1',
  version: '2.0.1',
};
const VALUES_OF_FILES: Record<string, string> = { sdk_file: 'ihf-client.ts' };

interface Sent {
  path: string;
  url: string;
  method: string;
  operation: Operation;
}

function everyOperation(document: Document): Sent[] {
  return [...operationsOf(document)].map(({ path, method, operation }) => {
    const url = path.replaceAll(/\{(\w+)\}/g, (_, name) => VALUES[name] ?? VALUES_OF_FILES[name] ?? UNKNOWN_ID);
    return { path, url, method: method.toUpperCase(), operation };
  });
}

/** Asserts that the operation declares the status of the response, its media type and its headers. */
async function assertDeclared(response: Response, { operation, url }: Sent): Promise<void> {
  await response.arrayBuffer();
  const place = `${operation.operationId} ${url} ${response.status}`;
  const found = operation.responses[response.status] ?? assert.fail(`${place} is not declared`);
  const { headers = {}, content = {} } = deref<Declared>(authored, found);
  const declared = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  for (const [name] of response.headers) {
    assert.ok(GENERAL.test(name) || declared.has(name), `${place}: the header ${name} is not declared`);
  }
  const mediaType = response.headers.get('content-type')?.split(';')[0];
  // The body of a redirect is for people.
  if (mediaType && !response.headers.has('location'))
    assert.ok(mediaType in content, `${place}: ${mediaType} is not declared`);
}

const options = ({ method }: Sent, key?: string): RequestInit => ({
  ...{ method, redirect: 'manual' },
  headers: { ...(key && { Authorization: `Bearer ${key}` }), 'Content-Type': 'application/json' },
  ...(['POST', 'PATCH', 'PUT'].includes(method) && { body: '{"unknown":1}' }),
});

test('every operation declares the statuses, media types and headers that it returns', async () => {
  const unscoped = await newCaller(server.database, { scopes: [] });
  for (const sent of everyOperation(authored)) {
    for (const key of [undefined, 'ihf_live_unknown', unscoped.key, server.caller.key, server.installationKey]) {
      await assertDeclared(await fetch(server.url + sent.url, options(sent, key)), sent);
    }
    if (sent.method !== 'GET') {
      const malformed = { ...options(sent, server.caller.key), body: '{' };
      await assertDeclared(await fetch(server.url + sent.url, malformed), sent);
    }
  }
});

test('every operation declares 405, which its path returns to any other method', async () => {
  for (const sent of everyOperation(authored)) {
    // npm and pip send only GET.
    if (sent.operation['x-ihf-protocol'] === 'packages') continue;
    const response = await fetch(server.url + sent.url, options({ ...sent, method: 'PUT' }, server.caller.key));
    assert.equal(response.status, 405, sent.url);
    await assertDeclared(response, sent);
  }
});

test('every operation with limits declares them in 429, and the body names the limit that was exceeded', async () => {
  const limited = await newCaller(server.database);
  await setConsumerLimits(server.database, limited.hubId, limited.consumerId, { rate_per_minute: 1 });
  await fetch(`${server.url}/api/v2/me`, { headers: { Authorization: `Bearer ${limited.key}` } });
  let counted = 0;
  for (const sent of everyOperation(authored)) {
    const response = await fetch(server.url + sent.url, options(sent, limited.key));
    if (response.status !== 429) continue;
    counted += 1;
    const problem = (await response.clone().json()) as { 'violated-policies': string[] };
    assert.deepEqual(problem['violated-policies'], ['minute']);
    assert.match(response.headers.get('ratelimit') ?? '', /^"minute";r=0/);
    await assertDeclared(response, sent);
  }
  assert.ok(counted > 25, `${counted} operations are limited`);
});
