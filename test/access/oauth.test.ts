import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as oauth from 'oauth4webapi';
import { rotateClientSecret } from '../../server/access/client-secrets.ts';
import { setManifestStatus } from '../../server/store/access/manifests.ts';
import { apiOf, type TestServer, testServer } from '../support/server.ts';

let server: TestServer;
let authorizationServer: oauth.AuthorizationServer;
let client: oauth.Client;
let secret: string;

const insecure = { [oauth.allowInsecureRequests]: true };

before(async () => {
  server = await testServer();
  client = { client_id: server.caller.consumerId };
  secret = (await rotateClientSecret(server.database, server.caller.hubId, server.caller.consumerId, 0)).client_secret;
  const issuer = new URL(server.url);
  const found = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure });
  authorizationServer = await oauth.processDiscoveryResponse(issuer, found);
});
after(() => server.close());

async function grant(parameters: Record<string, string> = {}, auth = oauth.ClientSecretBasic(secret)) {
  const response = await oauth.clientCredentialsGrantRequest(authorizationServer, client, auth, parameters, insecure);
  return oauth.processClientCredentialsResponse(authorizationServer, client, response);
}

/** A raw token request, for requests that a conforming client never sends. */
async function raw(body: string, headers: Record<string, string> = {}, path = '/api/v2/token') {
  const response = await fetch(server.url + path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headers },
    body,
  });
  const result = (await response.json()) as { error: string; error_description: string };
  return {
    status: response.status,
    error: result.error,
    description: result.error_description,
    headers: response.headers,
  };
}

const basic = (id: string, password: string) => ({
  Authorization: `Basic ${Buffer.from(`${id}:${password}`).toString('base64')}`,
});
const good = () => basic(client.client_id, secret);

test('a third-party client discovers the server and gets a token, by header and by body', async () => {
  for (const auth of [oauth.ClientSecretBasic(secret), oauth.ClientSecretPost(secret)]) {
    const token = await grant({}, auth);
    assert.equal(token.token_type, 'bearer');
    assert.equal(token.expires_in, 900);
    assert.equal((await apiOf(server.url, token.access_token).GET('/api/v2/hubs')).response.status, 200);
  }
});

test('a token has only the requested scopes', async () => {
  const token = await grant({ scope: 'hub:widgets:read' });
  assert.equal(token.scope, 'hub:widgets:read');
  const api = apiOf(server.url, token.access_token);
  assert.equal((await api.GET('/api/v2/widgets')).response.status, 200);
  assert.equal((await api.GET('/api/v2/annotations')).response.status, 403);
});

test('a write scope is granted only while the manifest is active, and issued tokens lose it at once', async () => {
  const token = await grant({ scope: 'hub:widgets:write' });
  await setManifestStatus(server.database, server.caller.hubId, server.caller.manifestId, 'suspended');
  const body = { key: 'k', widget_type: 'button', name: 'n' };
  assert.equal((await apiOf(server.url, token.access_token).POST('/api/v2/widgets', { body })).response.status, 403);
  await assert.rejects(grant({ scope: 'hub:widgets:write' }), { error: 'invalid_scope' });
  assert.ok(!(await grant()).scope?.includes('write'));
  await setManifestStatus(server.database, server.caller.hubId, server.caller.manifestId, 'active');
});

test('a revoked token is rejected, and revoking an unknown one is not an error', async () => {
  const token = await grant();
  for (const text of [token.access_token, token.access_token, 'unknown']) {
    await oauth.processRevocationResponse(
      await oauth.revocationRequest(authorizationServer, client, oauth.ClientSecretBasic(secret), text, insecure),
    );
  }
  assert.equal((await apiOf(server.url, token.access_token).GET('/api/v2/hubs')).response.status, 401);
});

test('introspection returns the current scopes of tokens of the same hub, and nothing about others', async () => {
  const look = async (text: string) =>
    oauth.processIntrospectionResponse(
      authorizationServer,
      client,
      await oauth.introspectionRequest(authorizationServer, client, oauth.ClientSecretBasic(secret), text, insecure),
    );
  const token = await grant({ scope: 'hub:widgets:read' });
  const result = await look(token.access_token);
  assert.equal(result.active, true);
  assert.equal(result.scope, 'hub:widgets:read');
  assert.equal(result.client_id, client.client_id);
  assert.equal((result.exp ?? 0) - (result.iat ?? 0), 900);
  assert.deepEqual(await look('nonsense'), { active: false });
  const other = await server.anotherCaller();
  const theirs = (await rotateClientSecret(server.database, other.hubId, other.consumerId, 0)).client_secret;
  const foreign = { client_id: other.consumerId };
  const issued = await oauth.clientCredentialsGrantRequest(
    authorizationServer,
    foreign,
    oauth.ClientSecretBasic(theirs),
    {},
    insecure,
  );
  const { access_token } = await oauth.processClientCredentialsResponse(authorizationServer, foreign, issued);
  assert.deepEqual(await look(access_token), { active: false });
});

test('every error is one of RFC 6749, with its status and challenge, and not cacheable', async () => {
  const both = `grant_type=client_credentials&client_id=${client.client_id}&client_secret=${secret}`;
  const cases: [string, Record<string, string>, number, string][] = [
    ['', good(), 400, 'invalid_request'],
    ['grant_type=password', good(), 400, 'unsupported_grant_type'],
    ['grant_type=client_credentials&grant_type=client_credentials', good(), 400, 'invalid_request'],
    ['grant_type=client_credentials&scope=hub:nothing:read', good(), 400, 'invalid_scope'],
    ['grant_type=client_credentials', {}, 401, 'invalid_client'],
    ['grant_type=client_credentials', basic(client.client_id, 'wrong'), 401, 'invalid_client'],
    ['grant_type=client_credentials', basic('nobody', secret), 401, 'invalid_client'],
    ['grant_type=client_credentials', { Authorization: 'Bearer x' }, 401, 'invalid_client'],
    [both, good(), 400, 'invalid_request'],
    ['{"grant_type":"client_credentials"}', { ...good(), 'Content-Type': 'application/json' }, 400, 'invalid_request'],
  ];
  for (const [body, headers, status, error] of cases) {
    const result = await raw(body, headers);
    assert.deepEqual([result.status, result.error], [status, error], body);
    assert.equal(result.headers.get('cache-control'), 'no-store');
    assert.match(result.description, /^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
    assert.ok(!JSON.stringify(result).includes(secret));
    if (status === 401) assert.match(result.headers.get('www-authenticate') ?? '', /^Basic realm/);
  }
  assert.equal((await raw(both)).status, 200);
  const none = await server.anotherCaller({ scopes: [] });
  const theirs = (await rotateClientSecret(server.database, none.hubId, none.consumerId, 0)).client_secret;
  assert.equal(
    (await raw('grant_type=client_credentials', basic(none.consumerId, theirs))).error,
    'unauthorized_client',
  );
});

test('a rotated secret is valid during the overlap, and its tokens expire with it', async () => {
  const other = await server.anotherCaller();
  const first = (await rotateClientSecret(server.database, other.hubId, other.consumerId, 0)).client_secret;
  const second = (await rotateClientSecret(server.database, other.hubId, other.consumerId, 60)).client_secret;
  for (const text of [first, second]) {
    assert.equal((await raw('grant_type=client_credentials', basic(other.consumerId, text))).status, 200);
  }
  const third = (await rotateClientSecret(server.database, other.hubId, other.consumerId, 0)).client_secret;
  assert.equal((await raw('grant_type=client_credentials', basic(other.consumerId, second))).status, 401);
  assert.equal((await raw('grant_type=client_credentials', basic(other.consumerId, third))).status, 200);
});

test('failed attempts of a client are throttled on every node, and other clients are not', async () => {
  const victim = await server.anotherCaller();
  for (let attempt = 0; attempt < 10; attempt++) {
    assert.equal((await raw('grant_type=client_credentials', basic(victim.consumerId, `wrong${attempt}`))).status, 401);
  }
  const node = await server.anotherNode();
  for (const url of [server.url, node.url]) {
    const response = await fetch(`${url}/api/v2/token`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...basic(victim.consumerId, 'wrong') },
      body: 'grant_type=client_credentials',
    });
    assert.equal(response.status, 429);
    assert.equal(response.headers.get('retry-after'), '60');
  }
  assert.equal((await raw('grant_type=client_credentials', good())).status, 200);
});

test('a client gets at most 300 tokens per minute, with 429 and Retry-After beyond; other clients get theirs', async () => {
  const other = await server.anotherCaller();
  const { client_secret } = await rotateClientSecret(server.database, other.hubId, other.consumerId, 0);
  await server.database.query(
    `insert into access_tokens (hub_id, token_hash, consumer_id, secret_id, expires_at)
     select hub_id, sha256(random()::text::bytea), consumer_id, id, now() + interval '1 minute'
     from client_secrets, generate_series(1, 299) where consumer_id = $1`,
    [other.consumerId],
  );
  const credentials = basic(other.consumerId, client_secret);
  assert.equal((await raw('grant_type=client_credentials', credentials)).status, 200);
  const refused = await raw('grant_type=client_credentials', credentials);
  assert.deepEqual([refused.status, refused.error], [429, 'temporarily_unavailable']);
  assert.equal(refused.headers.get('retry-after'), '60');
  assert.equal((await raw('grant_type=client_credentials', good())).status, 200);
});
