import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type RequestSource, sourceOf } from '../../server/http/request-source.ts';
import { readTrustProxy } from '../../server/http/trust-proxy.ts';
import { type RunningServer, startServer } from '../../server/server.ts';
import { testDatabase } from '../support/database.ts';
import { CONFIG } from '../support/server.ts';
import { rawRequest } from './raw-request.ts';

let database: Awaited<ReturnType<typeof testDatabase>>;
const open: RunningServer[] = [];
let direct: RunningServer;
let proxied: RunningServer;

before(async () => {
  database = await testDatabase();
  const start = async (config: Partial<typeof CONFIG>) => {
    const server = await startServer({ ...CONFIG, ...config }, database.url);
    open.push(server);
    return server;
  };
  direct = await start({});
  proxied = await start({ trustProxy: readTrustProxy('loopback') });
});
after(async () => {
  for (const server of open) await server.close();
  await database.drop();
});

/** The source of a request with these headers from `peer`. */
function source(trusted: string | undefined, peer: string, headers: Record<string, string>): RequestSource {
  const parts = { headers, rawHeaders: Object.entries(headers).flat(), socket: { remoteAddress: peer } };
  return sourceOf(parts as never, {
    trustProxy: readTrustProxy(trusted),
    publicUrl: undefined,
    listeningUrl: () => 'http://127.0.0.1:3000',
  });
}

const FORWARDED = {
  host: 'inside:3000',
  'x-forwarded-for': '203.0.113.66, 198.51.100.7, 10.0.0.9',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'hub.example.com',
};

test('without IHF_TRUST_PROXY forwarded headers are ignored', () => {
  const { ipAddress, publicUrl, calledUrl, host } = source(undefined, '10.0.0.1', FORWARDED);
  assert.deepEqual([ipAddress, publicUrl, host], ['10.0.0.1', 'http://127.0.0.1:3000', 'inside:3000']);
  assert.equal(calledUrl, 'http://inside:3000');
});

test('the client behind a number of proxies, or behind proxies of trusted networks, is the first one not trusted', () => {
  for (const trusted of ['2', '10.0.0.0/8']) {
    const { ipAddress, publicUrl, host } = source(trusted, '10.0.0.1', FORWARDED);
    assert.deepEqual([ipAddress, publicUrl, host], ['198.51.100.7', 'https://hub.example.com', 'hub.example.com']);
  }
  assert.equal(source('10.0.0.0/8', '192.0.2.1', FORWARDED).ipAddress, '192.0.2.1', 'the peer itself is not trusted');
});

test('a forwarded header that is no IP address or host is ignored', () => {
  const hostile = {
    ...FORWARDED,
    'x-forwarded-for': '<script>',
    'x-forwarded-host': 'a/b"',
    'x-forwarded-proto': 'ftp',
  };
  const { ipAddress, publicUrl } = source('1', '10.0.0.1', hostile);
  assert.deepEqual([ipAddress, publicUrl], ['10.0.0.1', 'http://inside:3000']);
});

test('limits count an IPv6 client by its /64 network, and an IPv4 client on an IPv6 socket as IPv4', () => {
  const network = (peer: string) => source(undefined, peer, {}).network;
  assert.equal(network('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2::/64');
  assert.equal(network('2001:db8::6'), '2001:db8:0:0::/64');
  assert.equal(network('::1'), '0:0:0:0::/64');
  assert.equal(network('::ffff:192.0.2.7'), '192.0.2.7');
});

test('IHF_TRUST_PROXY must be a number of proxies or networks', () => {
  for (const text of ['-1', '100', 'anyone', '10.0.0.0/40', 'true']) {
    assert.throws(() => readTrustProxy(text), new RegExp(`IHF_TRUST_PROXY must be .* \\(got '${text}'\\)`));
  }
});

test('behind a trusted proxy the dashboard and absolute URLs use the scheme and host that the client sees', async () => {
  const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'hub.example.com' };
  const issuer = async (url: string) => {
    const response = await fetch(`${url}/.well-known/oauth-authorization-server`, { headers });
    return ((await response.json()) as { issuer: string }).issuer;
  };
  assert.equal(await issuer(proxied.url), 'https://hub.example.com');
  assert.equal(await issuer(direct.url), direct.url);
  const cookie = async (url: string) =>
    (await fetch(`${url}/admin/sign-in`, { headers })).headers.get('set-cookie') ?? '';
  assert.match(await cookie(proxied.url), /^__Host-ihf-operator=.*; Secure$/);
  assert.match(await cookie(direct.url), /^ihf-operator=/);
});

test('clients behind a trusted proxy are throttled one by one', async () => {
  const attempt = async (server: RunningServer, client: string) => {
    const headers = { 'x-forwarded-for': client, 'content-type': 'application/x-www-form-urlencoded' };
    const body = 'grant_type=client_credentials&client_id=one&client_secret=wrong';
    return (await fetch(`${server.url}/api/v2/token`, { method: 'POST', headers, body })).status;
  };
  for (let attempts = 0; attempts < 10; attempts++) assert.equal(await attempt(proxied, '198.51.100.1'), 401);
  assert.equal(await attempt(proxied, '198.51.100.1'), 429);
  assert.equal(await attempt(proxied, '198.51.100.2'), 401);
});

test('a request with two Host headers is rejected', async () => {
  const result = await rawRequest(direct.url, [
    'GET /healthz HTTP/1.1\r\nHost: one\r\nhost: two\r\nConnection: close\r\n\r\n',
  ]);
  assert.match(result, /^HTTP\/1\.1 400 /);
  assert.match(result, /"detail":"The Host header must be sent once\./);
});

test('with an https public URL every response has Strict-Transport-Security, and every response has nosniff', async () => {
  const server = await startServer({ ...CONFIG, publicUrl: 'https://hub.example.com' }, database.url);
  open.push(server);
  for (const path of ['/healthz', '/api/v2/openapi.json', '/nowhere', '/admin/sign-in', '/api/v2/token']) {
    const [secure, plain] = [await fetch(server.url + path), await fetch(direct.url + path)];
    assert.match(secure.headers.get('strict-transport-security') ?? '', /^max-age=\d{8}$/, path);
    assert.equal(plain.headers.get('strict-transport-security'), null, path);
    assert.equal(plain.headers.get('x-content-type-options'), 'nosniff', path);
  }
});

test('a request id that contains a credential is neither repeated nor stored', async () => {
  for (const id of ['ihf_live_abc', 'x-whsec_abc', 'key=ihf_secret_1']) {
    const response = await fetch(`${direct.url}/healthz`, { headers: { 'X-Request-Id': id } });
    assert.match(response.headers.get('x-request-id') ?? '', /^[0-9a-f-]{36}$/);
  }
});
