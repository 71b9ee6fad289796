import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { setConsumerLimits } from '../../server/store/access/consumers.ts';
import { apiOf, someWidget, type TestNode, type TestServer, testServer } from '../support/hub.ts';
import { interrupt, startProcess } from '../support/process.ts';

let hub: TestServer;
const nodes: TestNode[] = [];

before(async () => {
  hub = await testServer();
  nodes.push(hub);
  for (let node = 1; node < 5; node++) nodes.push(await hub.anotherNode());
});
after(() => hub.close());

/** A caller with these limits in a hub of its own. */
async function limited(limits: { rate_per_minute?: number; daily_quota?: number }) {
  const caller = await hub.anotherCaller();
  await setConsumerLimits(hub.database, caller.consumerId, limits);
  return caller;
}

/** Sends so many requests to each node at once, and counts the answers by status. */
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

/** Waits until the minute at hand has room for a test of it, by the database's clock. */
async function earlyInTheMinute(): Promise<void> {
  const [row] = await hub.database.query<{ second: number }>('select extract(second from now())::float8 as second');
  if ((row?.second ?? 0) > 50) await sleep((60.1 - (row?.second ?? 0)) * 1000);
}

for (const count of [1, 3, 5]) {
  test(`${count} nodes that are hammered admit exactly N of a daily quota of N`, async () => {
    const { key } = await limited({ daily_quota: 100 });
    const urls = nodes.slice(0, count).map(({ url }) => url);
    assert.deepEqual(await hammer(urls, key, Math.ceil(240 / count)), { 200: 100, 429: 240 - 100 });
  });
}

test('five nodes admit exactly N of a rate of N a minute', async () => {
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

test('with a clock five seconds off and a node killed in the middle it is N at the most', async () => {
  const { key } = await limited({ daily_quota: 300 });
  const skewed = 'data:text/javascript,const now=Date.now;Date.now=()=>now()+5000;';
  const options = ['', `--import "${skewed}"`, ''];
  const processes = options.map((NODE_OPTIONS) => startProcess({ DATABASE_URL: hub.databaseUrl, NODE_OPTIONS }));
  await Promise.all(processes.map(({ printed }) => printed('Ctrl-C stops it.')));
  const urls = processes.map(({ output }) => /hub +(\S+)/.exec(output())?.[1] as string);
  let admitted = 0;
  const load = urls.flatMap((url) =>
    Array.from({ length: 8 }, async () => {
      for (let sent = 0; sent < 40; sent++) {
        const answer = await apiOf(url, key)
          .GET('/api/v2/hubs')
          .catch(() => undefined);
        if (!answer) return;
        if (answer.response.status === 200) admitted += 1;
      }
    }),
  );
  await sleep(60);
  processes[2]?.child.kill('SIGKILL');
  await Promise.all(load);
  assert.ok(admitted <= 300 && admitted > 200, `${admitted} were admitted`);
  assert.equal((await apiOf(hub.url, key).GET('/api/v2/hubs')).response.status, 429);
  for (const running of processes.slice(0, 2)) {
    interrupt(running);
    await running.exited;
  }
});

test('every answer tells the limits and what is left, a refusal when to come back and which policy was violated', async () => {
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
  assert.match(error?.detail ?? '', /^The limit is 2 requests a minute\. Try again in \d+ s\.$/);
});

test('a denied request costs no query while the window lasts, and a raised limit is in force at once', async () => {
  const { key, consumerId } = await limited({ daily_quota: 1 });
  await hammer([hub.url], key, 2);
  // Whoever asks the database about this consumer now has to wait for this transaction.
  const owner = new pg.Client(hub.databaseUrl);
  await owner.connect();
  await owner.query('begin');
  await owner.query('lock table api_consumers, consumer_usage in access exclusive mode');
  assert.deepEqual(await hammer([hub.url], key, 200), { 429: 200 });
  await owner.query('rollback');
  await owner.end();
  await setConsumerLimits(hub.database, consumerId, { daily_quota: 1000 });
  for (let waited = 0; waited < 2_000; waited += 20) {
    if ((await apiOf(hub.url, key).GET('/api/v2/hubs')).response.status === 200) return;
    await sleep(20);
  }
  assert.fail('the raised limit is not in force');
});

test('the items of a batch count against the quota, all of them or none', async () => {
  const { api } = await limited({ daily_quota: 20 });
  const { widgetId } = await someWidget(api);
  const batch = (size: number) =>
    api.POST('/api/v2/interaction-event-batches', {
      body: { events: Array.from({ length: size }, () => ({ widget_id: widgetId, event_type: 'clicked' })) },
    });
  assert.equal((await batch(10)).response.status, 200);
  const refused = await batch(10);
  assert.equal(refused.response.status, 429);
  assert.deepEqual(refused.error?.['violated-policies'], ['day']);
  const me = await api.GET('/api/v2/me');
  // The widget, ten items, the refused batch as one request, and this question.
  assert.equal(me.data?.limits.quota_remaining, 20 - 1 - 10 - 1 - 1);
});

test('GET /me tells who calls, which scopes are in force and why others are not, and what is left', async () => {
  const caller = await hub.anotherCaller({ scopes: ['hub:widgets:read', 'hub:widgets:write'], status: 'suspended' });
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

test('of several reasons to refuse a request the first is told: address, caller, limit, scope, form, content', async () => {
  const spent = await hub.anotherCaller({ scopes: ['hub:widgets:read'] });
  await setConsumerLimits(hub.database, spent.consumerId, { daily_quota: 0 });
  const { key: reader } = await hub.anotherCaller({ scopes: ['hub:widgets:read'] });
  const ask = async (key: string, path: string, method = 'POST', type = 'application/json') => {
    const headers = { Authorization: `Bearer ${key}`, 'Content-Type': type };
    const { status, headers: answered } = await fetch(hub.url + path, { method, headers, body: '{' });
    return [status, answered.has('ratelimit')];
  };
  assert.deepEqual(await ask('nobody', '/api/v2/nothing'), [404, false]);
  assert.deepEqual(await ask('nobody', '/api/v2/widgets', 'DELETE'), [405, false]);
  assert.deepEqual(await ask('nobody', '/api/v2/widgets'), [401, false]);
  assert.deepEqual(await ask(spent.key, '/api/v2/widgets'), [429, true]);
  assert.deepEqual(await ask(reader, '/api/v2/widgets'), [403, true]);
  assert.deepEqual(await ask(hub.caller.key, '/api/v2/widgets?no', 'POST', 'text/plain'), [415, true]);
  assert.deepEqual(await ask(hub.caller.key, '/api/v2/widgets?no'), [400, true]);
});
