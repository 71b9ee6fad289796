import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { setConsumerLimits } from '../../server/store/access/consumers.ts';
import { apiOf, createWidget, type TestNode, type TestServer, testServer } from '../support/server.ts';
import { pressCtrlC, startProcess } from '../support/server-process.ts';
import { waitFor } from '../support/wait.ts';

let server: TestServer;
const nodes: TestNode[] = [];

before(async () => {
  server = await testServer();
  nodes.push(server);
  for (let node = 1; node < 5; node++) nodes.push(await server.anotherNode());
});
after(() => server.close());

/** Creates a caller with these limits in another hub. */
async function limited(limits: { rate_per_minute?: number; daily_quota?: number }) {
  const caller = await server.anotherCaller();
  await setConsumerLimits(server.database, caller.hubId, caller.consumerId, limits);
  return caller;
}

/** Sends this many concurrent requests to each node and counts the responses by status. */
async function hammer(urls: string[], key: string, each: number): Promise<Record<number, number>> {
  const counts: Record<number, number> = {};
  await Promise.all(
    urls.flatMap((url) =>
      Array.from({ length: each }, async () => {
        const { response } = await apiOf(url, key).GET('/api/v2/hubs');
        counts[response.status] = (counts[response.status] ?? 0) + 1;
      }),
    ),
  );
  return counts;
}

/** Waits until the current minute of the database has at least 20 seconds left. */
async function earlyInTheMinute(): Promise<void> {
  const isEarly = async () => {
    const sql = 'select extract(second from clock_timestamp()) < 40 as early';
    const [row] = await server.database.query<{ early: boolean }>(sql);
    return row?.early;
  };
  await waitFor(isEarly, 'a new minute begins');
}

for (const count of [1, 3, 5]) {
  test(`${count} nodes under concurrent load admit exactly N of a daily quota of N`, async () => {
    const { key } = await limited({ daily_quota: 100 });
    const urls = nodes.slice(0, count).map(({ url }) => url);
    assert.deepEqual(await hammer(urls, key, Math.ceil(240 / count)), { 200: 100, 429: 240 - 100 });
  });
}

test('five nodes admit exactly N of a rate of N per minute', async () => {
  const { key } = await limited({ rate_per_minute: 50 });
  await earlyInTheMinute();
  assert.deepEqual(
    await hammer(
      nodes.map(({ url }) => url),
      key,
      30,
    ),
    { 200: 50, 429: 100 },
  );
});

test('with a clock five seconds off and a node killed meanwhile, at most N are admitted', async () => {
  const { key } = await limited({ daily_quota: 300 });
  const skewed = 'data:text/javascript,const now=Date.now;Date.now=()=>now()+5000;';
  const options = ['', `--import "${skewed}"`, ''];
  const processes = options.map((NODE_OPTIONS) => startProcess({ DATABASE_URL: server.databaseUrl, NODE_OPTIONS }));
  await Promise.all(processes.map(({ waitForOutput: printed }) => printed('Press Ctrl-C to stop.')));
  const urls = processes.map(({ output }) => /server +(\S+)/.exec(output())?.[1] as string);
  let admitted = 0;
  const load = urls.flatMap((url) =>
    Array.from({ length: 8 }, async () => {
      for (let sent = 0; sent < 40; sent++) {
        const result = await apiOf(url, key)
          .GET('/api/v2/hubs')
          .catch(() => undefined);
        if (!result) return;
        if (result.response.status === 200) admitted += 1;
      }
    }),
  );
  await waitFor(() => admitted > 20, 'requests are admitted');
  processes[2]?.child.kill('SIGKILL');
  await Promise.all(load);
  assert.ok(admitted <= 300 && admitted > 200, `${admitted} were admitted`);
  assert.equal((await apiOf(server.url, key).GET('/api/v2/hubs')).response.status, 429);
  for (const running of processes.slice(0, 2)) {
    pressCtrlC(running);
    await running.exited;
  }
});

test('every response has the limits and what is left; a 429 has Retry-After and the violated policy', async () => {
  const { api } = await limited({ rate_per_minute: 2, daily_quota: 1000 });
  await earlyInTheMinute();
  const first = await api.GET('/api/v2/hubs');
  assert.equal(first.response.headers.get('ratelimit-policy'), '"minute";q=2;w=60, "day";q=1000;w=86400');
  assert.match(first.response.headers.get('ratelimit') ?? '', /^"minute";r=1;t=\d+, "day";r=999;t=\d+$/);
  await api.GET('/api/v2/hubs');
  const { response, error } = await api.GET('/api/v2/hubs');
  assert.equal(response.status, 429);
  const wait = Number(response.headers.get('retry-after'));
  assert.ok(wait >= 1 && wait <= 60);
  assert.equal(error?.type, 'urn:ihf:problem:too-many-requests');
  assert.deepEqual(error?.['violated-policies'], ['minute']);
  assert.match(error?.detail ?? '', /^Limit of 2 requests per minute exceeded\. Retry in \d+ s\.$/);
});

test('denied requests run no query until the window ends, and a raised limit takes effect at once', async () => {
  const { key, hubId, consumerId } = await limited({ daily_quota: 1 });
  await hammer([server.url], key, 2);
  // Any query about this consumer now waits for this transaction.
  const owner = new pg.Client(server.databaseUrl);
  await owner.connect();
  await owner.query('begin');
  await owner.query('lock table api_consumers, consumer_usage in access exclusive mode');
  assert.deepEqual(await hammer([server.url], key, 200), { 429: 200 });
  await owner.query('rollback');
  await owner.end();
  await setConsumerLimits(server.database, hubId, consumerId, { daily_quota: 1000 });
  const isAdmitted = async () => (await apiOf(server.url, key).GET('/api/v2/hubs')).response.status === 200;
  await waitFor(isAdmitted, 'the raised limit takes effect');
});

test('the items of a batch count against the quota, all or none', async () => {
  const { api } = await limited({ daily_quota: 20 });
  const { widgetId } = await createWidget(api);
  const batch = (size: number) =>
    api.POST('/api/v2/interaction-event-batches', {
      body: { events: Array.from({ length: size }, () => ({ widget_id: widgetId, event_type: 'clicked' })) },
    });
  assert.equal((await batch(10)).response.status, 200);
  const refused = await batch(10);
  assert.equal(refused.response.status, 429);
  assert.deepEqual(refused.error?.['violated-policies'], ['day']);
  const me = await api.GET('/api/v2/me');
  // The widget, ten items and this request. The rejected batch does not count.
  assert.equal(me.data?.limits.quota_remaining, 20 - 1 - 10 - 1);
});

test('GET /me returns the caller, its scopes, why others are not in force, and what is left of the limits', async () => {
  const caller = await server.anotherCaller({ scopes: ['hub:widgets:read', 'hub:widgets:write'], status: 'suspended' });
  const { data } = await caller.api.GET('/api/v2/me');
  assert.equal(data?.consumer.id, caller.consumerId);
  assert.equal(data?.hub.id, caller.hubId);
  assert.equal(data?.credential.prefix, caller.key.slice(0, 15));
  assert.deepEqual(data?.scopes, [
    { name: 'hub:widgets:read', effective: true },
    { name: 'hub:widgets:write', effective: false, reason: `manifest ${caller.manifestId} is suspended` },
  ]);
  assert.equal(data?.limits.rate_remaining, (data?.limits.rate_per_minute ?? 0) - 1);
});

test('of several reasons to reject a request, the first is reported: path, caller, limit, scope, form, content', async () => {
  const spent = await server.anotherCaller({ scopes: ['hub:widgets:read'] });
  await setConsumerLimits(server.database, spent.hubId, spent.consumerId, { daily_quota: 0 });
  const { key: reader } = await server.anotherCaller({ scopes: ['hub:widgets:read'] });
  const ask = async (key: string, path: string, method = 'POST', type = 'application/json') => {
    const headers = { Authorization: `Bearer ${key}`, 'Content-Type': type };
    const { status, headers: responseHeaders } = await fetch(server.url + path, { method, headers, body: '{' });
    return [status, responseHeaders.has('ratelimit')];
  };
  assert.deepEqual(await ask('nobody', '/api/v2/nothing'), [404, false]);
  assert.deepEqual(await ask('nobody', '/api/v2/widgets', 'DELETE'), [405, false]);
  assert.deepEqual(await ask('nobody', '/api/v2/widgets'), [401, false]);
  assert.deepEqual(await ask(spent.key, '/api/v2/widgets'), [429, true]);
  assert.deepEqual(await ask(reader, '/api/v2/widgets'), [403, true]);
  assert.deepEqual(await ask(server.caller.key, '/api/v2/widgets?no', 'POST', 'text/plain'), [415, true]);
  assert.deepEqual(await ask(server.caller.key, '/api/v2/widgets?no'), [400, true]);
});
