import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { type RunningServer, startServer } from '../../server/server.ts';
import { newCaller } from '../support/access.ts';
import { testDatabase } from '../support/database.ts';
import { type DatabaseProxy, startDatabaseProxy } from '../support/database-proxy.ts';
import { accepted, refused } from '../support/responses.ts';
import { type Api, apiOf, CONFIG, createWidget } from '../support/server.ts';
import { waitFor } from '../support/wait.ts';

let database: Awaited<ReturnType<typeof testDatabase>>;
let proxy: DatabaseProxy;
let server: RunningServer;
let api: Api;
let db: pg.Client;
let widgetId: string;

before(async () => {
  database = await testDatabase();
  proxy = await startDatabaseProxy(database.url);
  server = await startServer(CONFIG, proxy.url);
  api = apiOf(server.url, (await newCaller(server.database)).key);
  db = new pg.Client(database.url);
  await db.connect();
  ({ widgetId } = await createWidget(api));
});
after(async () => {
  await server.close();
  await proxy.close();
  await db.end();
  await database.drop();
});

const post = (actor_id: string, key?: string) =>
  api.POST('/api/v2/interaction-events', {
    params: { header: key ? { 'Idempotency-Key': key } : {} },
    body: { widget_id: widgetId, event_type: 'clicked', actor_id },
  });

async function waitUntilReady(): Promise<void> {
  await waitFor(async () => (await api.GET('/readyz')).response.status === 200, 'the server is ready');
}

test('while the database is unreachable, every request that needs it gets 503 with Retry-After in time', async () => {
  await proxy.disconnect();
  const began = Date.now();
  const results = await Promise.all([
    api.GET('/api/v2/hubs'),
    api.GET('/api/v2/openapi.json'),
    api.GET('/readyz'),
    post('lost'),
    post('lost', 'a-key'),
    api.POST('/api/v2/widgets', { body: { key: 'lost', widget_type: 'button', name: 'Lost' } }),
    api.POST('/api/v2/interaction-event-batches', {
      body: { events: [{ widget_id: widgetId, event_type: 'clicked' }] },
    }),
  ]);
  for (const result of results) {
    assert.equal(refused(result, 503).type, 'urn:ihf:problem:unavailable', result.response.url);
    assert.match(result.response.headers.get('retry-after') ?? '', /^\d+$/, result.response.url);
  }
  assert.ok(Date.now() - began < 20_000, 'no request hangs');
});

test('meanwhile /healthz returns 200, and an unknown value is neither accepted nor rejected', async () => {
  assert.equal(accepted(await api.GET('/healthz')).status, 'ok');
  const body = { widget_id: widgetId, event_type: 'clickd' as 'clicked' };
  refused(await api.POST('/api/v2/interaction-events', { body }), 503);
});

test('when the database returns, the server serves again and follows registry changes', async () => {
  await proxy.restore();
  await waitUntilReady();
  accepted(await post('back'), 201);
  await db.query(`insert into event_types (name, label) values ('heard_again', 'Heard again')`);
  const isKnown = () => server.contract.current.values.get('event_types')?.has('heard_again');
  await waitFor(isKnown, 'the node follows the registry');
});

test('reconnects to a database that closes every connection are spread out and do not multiply', async () => {
  const connections = proxy.rejectConnections();
  const began = performance.now();
  await waitFor(() => connections() > 30, 'the node tries to reconnect');
  const perSecond = (connections() * 1000) / (performance.now() - began);
  await proxy.restore();
  await waitUntilReady();
  assert.ok(perSecond < 40, `${perSecond} connections per second`);
});

test('killing database connections under load loses no acknowledged event, duplicates none and ends no process', async () => {
  const kill = `select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and application_name like 'ihf-hub%'`;
  const acknowledged: string[] = [];
  let rejections = 0;
  let busy = true;
  const report = async (worker: number) => {
    for (let n = 0; busy; n++) {
      const actor = `worker-${worker}-${n}`;
      const result = await post(actor, n % 2 ? actor : undefined);
      if (result.response.status === 201) acknowledged.push(actor);
      else rejections += refused(result, 503) && 1;
    }
  };
  const workers = Array.from({ length: 12 }, (_, worker) => report(worker));
  for (let round = 0; round < 10; round++) {
    const before = acknowledged.length;
    await waitFor(() => acknowledged.length > before + 20, 'events are acknowledged');
    await db.query(kill);
  }
  busy = false;
  await Promise.all(workers);
  const stored = `select actor_id from interaction_events where actor_id = any ($1)`;
  const { rows } = await db.query(stored, [acknowledged]);
  assert.ok(rejections > 0 && acknowledged.length > 0, `${acknowledged.length} stored, ${rejections} refused`);
  assert.deepEqual(rows.map(({ actor_id }) => actor_id).sort(), acknowledged.sort());
  await waitUntilReady();
});
