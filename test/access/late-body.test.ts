import assert from 'node:assert/strict';
import { type ClientRequest, request } from 'node:http';
import { after, before, test } from 'node:test';
import { issueInstallationKey } from '../../server/access/installation-keys.ts';
import { revokeKey } from '../../server/store/access/api-keys.ts';
import { revokeInstallationKey } from '../../server/store/access/installation-keys.ts';
import { type Caller, newCaller } from '../support/access.ts';
import { type TestServer, testServer } from '../support/server.ts';
import { waitFor } from '../support/wait.ts';

let server: TestServer;

before(async () => {
  server = await testServer();
});
after(() => server.close());

/** A request whose headers have been sent, with the end of its body still missing. */
interface OpenRequest {
  sent: ClientRequest;
  openedAt: number;
  status: Promise<number>;
}

function open(path: string, key: string): OpenRequest {
  const headers = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' };
  const sent = request(`${server.url}${path}`, { method: 'POST', headers });
  const status = new Promise<number>((resolve, reject) => {
    sent.on('error', reject);
    sent.on('response', (response) => {
      response.resume();
      resolve(response.statusCode as number);
    });
  });
  sent.write('{');
  return { sent, openedAt: performance.now(), status };
}

/** A body that arrives within a second of the check of the credential is not checked again. */
function finishLate({ sent, openedAt, status }: OpenRequest, body: object): Promise<number> {
  return waitFor(() => performance.now() - openedAt > 2_000, 'the body is late').then(() => {
    sent.end(JSON.stringify(body).slice(1));
    return status;
  });
}

const requestsOf = async ({ consumerId }: Caller): Promise<number> => {
  const rows = await server.database.query<{ requests: number }>(
    'select coalesce(sum(minute_count), 0)::int as requests from consumer_usage where consumer_id = $1',
    [consumerId],
  );
  return rows[0]?.requests ?? 0;
};
const widget = (key: string) => ({ key, widget_type: 'button', name: 'Pay' });

test('a request whose body arrives after its key was revoked is rejected', async () => {
  const caller = await newCaller(server.database);
  const late = open('/api/v2/widgets', caller.key);
  await waitFor(async () => (await requestsOf(caller)) === 1, 'the headers are authenticated');
  await revokeKey(server.database, caller.hubId, caller.keyId);
  assert.equal(await finishLate(late, widget('late')), 401);
});

test('a late body of an active key is accepted, and its request is counted once', async () => {
  const caller = await newCaller(server.database);
  assert.equal(await finishLate(open('/api/v2/widgets', caller.key), widget('slow')), 201);
  assert.equal(await requestsOf(caller), 1);
});

test('a request whose body arrives after its installation key was revoked is rejected', async () => {
  const { id, key } = await issueInstallationKey(server.database, {
    name: 'late',
    scopes: ['installation:registries:write'],
  });
  const late = open('/api/v2/registries/event_types/values', key);
  const isUsed = async () =>
    (await server.database.query('select from installation_keys where id = $1 and last_used_at is not null', [id]))
      .length === 1;
  await waitFor(isUsed, 'the headers are authenticated');
  await revokeInstallationKey(server.database, id);
  assert.equal(await finishLate(late, { name: 'too_late', label: 'Too late' }), 401);
});
