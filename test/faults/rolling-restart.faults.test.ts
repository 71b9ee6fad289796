import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setConsumerLimits } from '../../server/store/access/consumers.ts';
import { openDatabase } from '../../server/store/database/database.ts';
import { type Caller, newCaller } from '../support/access.ts';
import { testDatabase } from '../support/database.ts';
import { startEventLoad } from '../support/event-load.ts';
import { apiOf, createWidget } from '../support/server.ts';
import { type ServerProcess, startProcess } from '../support/server-process.ts';
import { waitFor } from '../support/wait.ts';
import { type LoadBalancer, startLoadBalancer } from './haproxy.ts';

let database: Awaited<ReturnType<typeof testDatabase>>;
let balancer: LoadBalancer;
let caller: Caller;
const nodes = new Map<number, ServerProcess>();

/** Starts a node, on a port that it had before if one is given. */
async function startNode(port = 0): Promise<void> {
  const node = startProcess({
    ...{ DATABASE_URL: database.url, PORT: String(port), IHF_TRUST_PROXY: 'loopback', IHF_SHUTDOWN_DELAY: '2' },
  });
  const { url } = await node.waitForLog('listening');
  nodes.set(Number(new URL(String(url)).port), node);
}

before(async () => {
  database = await testDatabase();
  const db = openDatabase(database.url);
  caller = await newCaller(db);
  await setConsumerLimits(db, caller.hubId, caller.consumerId, { rate_per_minute: 1_000_000 });
  await db.close();
  for (let started = 0; started < 3; started++) await startNode();
  balancer = await startLoadBalancer([...nodes.keys()]);
});
after(async () => {
  await balancer.stop();
  for (const node of nodes.values()) {
    node.child.kill('SIGTERM');
    await node.exited;
  }
  await database.drop();
});

test('a rolling restart of three nodes behind HAProxy under load fails no request and loses no event', async () => {
  const { widgetId } = await createWidget(apiOf(balancer.url, caller.key));
  const load = startEventLoad({ url: balancer.url, key: caller.key, widgetId, connections: 16, reconnect: true });
  for (const [port, node] of [...nodes]) {
    const before = load.acknowledged.length;
    await waitFor(() => load.acknowledged.length > before + 500, 'events are acknowledged');
    node.child.kill('SIGTERM');
    assert.equal(await node.exited, 0, node.output());
    await startNode(port);
    await waitFor(async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).status === 200, 'the node is back');
  }
  const before = load.acknowledged.length;
  await waitFor(() => load.acknowledged.length > before + 500, 'events are acknowledged');
  load.stop();
  await load.ended;
  assert.deepEqual(load.failures, []);
  const db = openDatabase(database.url);
  const stored = await db.query<{ actor_id: string }>(
    'select actor_id from interaction_events where hub_id = $1 and widget_id = $2',
    [caller.hubId, widgetId],
  );
  await db.close();
  assert.deepEqual(stored.map(({ actor_id }) => actor_id).sort(), load.acknowledged.sort());
});
