import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { allOperations } from '../support/operations.ts';
import type { Random } from '../support/random.ts';

/** The bytes of one request, and what the client does after it has sent them. */
export interface RawRequest {
  bytes: Buffer;
  /** Sends a part of the bytes alone and then ends its side of the connection. */
  truncated: boolean;
}

const OPERATIONS = allOperations();

const METHODS = [
  'GET',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'HEAD',
  'OPTIONS',
  'TRACE',
  'CONNECT',
  'BREW',
  'get',
  'P0ST',
  '',
];

const TARGETS = [
  ...[
    '/',
    '*',
    '//',
    '/%ff',
    '/%',
    '/%zz',
    '/api/v2/%ff',
    '/api/v2/widgets/%c3%28',
    '/api/v2/widgets/%00',
    '/../../etc/passwd',
  ],
  ...[
    'http://other.example/api/v2/me',
    'http://',
    'https://[::1',
    'other.example:443',
    '/api/v2/me?%ff=%fe',
    '/api/v2/me?a[b]=1',
  ],
  ...[
    '/admin',
    '/admin/sign-in',
    '/admin/join?link=%ff',
    '/admin/consumers',
    '/admin/webhooks/%ff',
    '/admin/assets/..%2f..%2fpackage.json',
  ],
  ...[
    '/api/v2/docs',
    '/api/v2/docs/',
    '/api/v2/docs/%2e%2e/',
    '/api/v2/docs/../me',
    '/api/v2/token',
    '/api/v2/token/revoke',
  ],
  ...[
    '/api/v2/token/introspect',
    '/.well-known/oauth-authorization-server',
    '/api/v2/sdk/ihf-client.tgz',
    '/api/v2/sdk/simple/',
  ],
  ...[
    '/api/v2/sdk/simple/ihf-client/',
    '/api/v2/sdk/simple/%ff/',
    '/healthz',
    '/readyz',
    '/metrics',
    '/favicon.ico',
    '/api/v2',
  ],
];

const QUERIES = [
  ...[
    'limit=1',
    'limit=0',
    'limit=-1',
    'limit=1e9',
    'limit=99999999999999999999',
    'limit=%00',
    'limit=1&limit=2',
    'limit[]=1',
  ],
  ...[
    'cursor=%ff',
    'cursor=eyJ9',
    'cursor=WyJoIiw5OTk5OTk5OTk5OTk5OTk5OTk5OTk5XQ',
    'cursor=',
    '&&&',
    '=',
    'a=b=c',
    '%',
    '%u0041',
  ],
  ...[
    'since=2026-01-01T00:00:00Z',
    'since=0000-00-00',
    'since=+275760-09-13T00:00:00Z',
    'since=9999-12-31T23:59:60Z',
    'until=-1',
  ],
  ...[
    'key=menu.*',
    'key=\'"<>',
    'key=%F0%9F',
    'status=open&status=resolved',
    'event_type=a&event_type=b',
    '__proto__[a]=1',
  ],
];

const HEADERS = [
  ...[
    'Content-Type: application/json',
    'Content-Type: application/json; charset=utf-7',
    'Content-Type: text/plain',
    'Content-Type:',
  ],
  ...[
    'Content-Type: application/json;;;=',
    'Content-Type: application/x-www-form-urlencoded',
    'Content-Type: multipart/form-data',
  ],
  ...[
    'Content-Type: application/x-www-form-urlencoded; charset=nonsense',
    'Content-Encoding: gzip',
    'Content-Encoding: nonsense',
  ],
  ...[
    'Content-Encoding: br',
    'Content-Encoding: gzip, gzip',
    'Transfer-Encoding: chunked',
    'Transfer-Encoding: gzip',
    'Expect: 100-continue',
  ],
  ...[
    'Expect: nonsense',
    'Accept: nonsense',
    'Accept-Encoding: \u00ff',
    'If-None-Match: "',
    'If-None-Match: *',
    'Range: bytes=0-1',
  ],
  ...[
    'Range: bytes=9-1',
    'Cookie: ihf=%ff; ihf=\u00ff',
    'Cookie: __Host-ihf=x',
    'Origin: null',
    'Origin: http://other.example',
    'Upgrade: h2c',
  ],
  ...[
    'X-Request-Id: \u00ff\u00fe',
    `X-Request-Id: ${'x'.repeat(300)}`,
    'Idempotency-Key: "',
    'Idempotency-Key: \u00e9',
    'Idempotency-Key: k',
  ],
  ...[
    'IHF-SDK: typescript; revision=999999999999',
    'IHF-SDK: \u00ff',
    'Connection: upgrade',
    'Connection: close, close',
    'X-Forwarded-For: \u0001',
  ],
  ...[
    'X-Forwarded-Host: a b',
    'X-HTTP-Method-Override: DELETE',
    'Content-Length: 5',
    'Content-Length: -1',
    'Content-Length: 99999999999999999',
  ],
  ...[
    'Host: second.example',
    `X-Long: ${'y'.repeat(20_000)}`,
    'Bad Header: x',
    'X-Folded: a\r\n b',
    'Authorization: Basic Og==',
    'Sec-Fetch-Site: cross-site',
  ],
];

const BODIES = [
  ...[
    '',
    '{}',
    '[]',
    'null',
    '0',
    '""',
    '{',
    '{"a":',
    '\ufeff{}',
    '{"a":1,"a":2}',
    '[[[[[[[[',
    '{"__proto__":{}}',
    '{"toString":1}',
  ],
  ...[
    '{"widget_id":"x","event_type":"clicked"}',
    '{"events":[]}',
    '{"events":[1,null,"",{}]}',
    '{"events":{"length":1}}',
    '{"a":1e400}',
  ],
  ...[
    '{"properties":{"a":"\\ud800"}}',
    '{"name":"\\u0000"}',
    '{"key":"k","widget_type":"button","name":"n"}',
    '"\\u12"',
    'NaN',
    "{'a':1}",
  ],
  ...[
    'grant_type=client_credentials',
    'grant_type=client_credentials&client_id=%00&client_secret=x',
    'grant_type=%ff',
    'token=%ff&a=%',
  ],
  ...[
    'name=a&password=b&token=c',
    'link=a&password=bbbbbbbbbbbbbbbb',
    `x=${'y'.repeat(70_000)}`,
    `{"a":"${'z'.repeat(20_000)}"}`,
  ],
  ...[
    `${'['.repeat(5_000)}${']'.repeat(5_000)}`,
    `{"topics":["a","a"],"url":"http://[::1"}`,
    '{"url":"http://127.0.0.1:1/%ff","topics":[]}',
  ],
];

/** A request that is malformed in some places and well-formed in others. */
export function rawRequest(random: Random, key: string): RawRequest {
  const operation = random.pick(OPERATIONS);
  const target = random.chance(0.6) ? operation.url : random.pick(TARGETS);
  const query = random.chance(0.3)
    ? `?${random.pick(QUERIES)}${random.chance(0.2) ? `&${random.pick(QUERIES)}` : ''}`
    : '';
  const method = random.chance(0.7) ? operation.method : random.pick(METHODS);
  const version = random.chance(0.97) ? 'HTTP/1.1' : random.pick(['HTTP/1.0', 'HTTP/0.9', 'HTTP/2', 'HTP']);
  const body = encoded(random);
  const lines = [`${method} ${target}${query} ${version}`];
  if (random.chance(0.97)) lines.push('Host: localhost');
  if (random.chance(0.6)) lines.push(`Authorization: Bearer ${random.chance(0.9) ? key : `${key.slice(0, -2)}xx`}`);
  if (random.chance(0.7)) lines.push('Content-Type: application/json');
  if (body.encoding) lines.push(`Content-Encoding: ${body.encoding}`);
  for (let n = random.chance(0.5) ? 0 : 1 + random.below(2); n > 0; n--) lines.push(random.pick(HEADERS));
  const hasBody = body.bytes.length > 0 && random.chance(0.9);
  const length = random.chance(0.95) ? body.bytes.length : random.below(2 * body.bytes.length + 2);
  if (hasBody) lines.push(`Content-Length: ${length}`);
  if (random.chance(0.9)) lines.push('Connection: close');
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  const bytes = hasBody ? Buffer.concat([head, body.bytes]) : head;
  const truncated = random.chance(0.1);
  return { bytes: truncated ? bytes.subarray(0, random.below(bytes.length)) : mutated(random, bytes), truncated };
}

function encoded(random: Random): { bytes: Buffer; encoding?: string } {
  const valid = JSON.stringify({ key: `k${random.below(1_000_000)}`, widget_type: 'button', name: 'Pay' });
  const bytes = Buffer.from(random.chance(0.2) ? valid : random.pick(BODIES));
  if (random.chance(0.85)) return { bytes };
  const [encoding, compress] = random.pick([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ] as const);
  const compressed = compress(bytes);
  return { encoding, bytes: random.chance(0.7) ? compressed : compressed.subarray(0, compressed.length >> 1) };
}

/** Sometimes changes, repeats or removes single bytes. */
function mutated(random: Random, bytes: Buffer): Buffer {
  if (random.chance(0.85) || bytes.length === 0) return bytes;
  const copy = Buffer.from(bytes);
  for (let n = 1 + random.below(3); n > 0; n--) copy[random.below(copy.length)] = random.below(256);
  return copy;
}
