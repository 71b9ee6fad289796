import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { rotateClientSecret } from '../../server/access/client-secrets.ts';
import { startPostgres } from '../../server/postgres/launcher.ts';
import { MIGRATIONS } from '../../server/project-files.ts';
import { type Database, openDatabase } from '../../server/store/database/database.ts';
import { migrate } from '../../server/store/database/migrate.ts';
import { maintainPartitions } from '../../server/store/database/partitions.ts';
import { type Caller, newCaller } from '../support/access.ts';
import { temporaryFolder } from '../support/database.ts';
import { apiOf, createWidget } from '../support/server.ts';
import { type ServerProcess, startProcess } from '../support/server-process.ts';
import { waitFor } from '../support/wait.ts';
import { webhookReceiver } from '../webhooks/harness.ts';
import { type FakeClock, fakeClock, postgresPackage } from './fake-clock.ts';

let folder: string;
let databaseClock: FakeClock;
let postgres: Awaited<ReturnType<typeof startPostgres>>;
let db: Database;
let owner: pg.Client;
let caller: Caller;
before(async () => {
  folder = temporaryFolder('ihf-clocks-');
  databaseClock = fakeClock(folder, 'database-clock');
  postgres = await startPostgres({
    dataDir: join(folder, 'data'),
    packageDir: postgresPackage(folder, databaseClock),
    settings: { fsync: 'off' },
  });
  await migrate(postgres.url, MIGRATIONS);
  db = openDatabase(postgres.url);
  owner = new pg.Client(postgres.url);
  await owner.connect();
  caller = await newCaller(db);
});
after(async () => {
  await owner?.end();
  await db?.close();
  await postgres?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Starts a node, and returns a function that uses every kind of request that stores or grants something. */
async function startNode(environment: Record<string, string> = {}) {
  const node: ServerProcess = startProcess({
    ...{ DATABASE_URL: postgres.url, IHF_WEBHOOK_ALLOW: '127.0.0.0/8', ...environment },
  });
  await node.waitForOutput('IHF Hub is running');
  const url = /server +(\S+)/.exec(node.output())?.[1] as string;
  const api = apiOf(url, caller.key);
  const { client_secret } = await rotateClientSecret(db, caller.hubId, caller.consumerId, 0);
  const { widgetId } = await createWidget(api);
  const use = async () => {
    const event = { widget_id: widgetId, event_type: 'clicked' } as const;
    const responses = [
      await api.POST('/api/v2/interaction-events', { body: event }),
      await api.POST('/api/v2/interaction-event-batches', { body: { events: [event, event] } }),
      await api.POST('/api/v2/annotations', { body: { widget_id: widgetId, category: 'bug', body: 'It failed.' } }),
      await api.GET('/api/v2/interaction-events'),
    ];
    for (const { response } of responses) assert.ok(response.ok, `${response.url} ${response.status}`);
    const granted = await fetch(`${url}/api/v2/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'client_credentials', client_id: caller.consumerId, client_secret }),
    });
    assert.equal(granted.status, 200);
    const { access_token } = (await granted.json()) as { access_token: string };
    assert.equal((await apiOf(url, access_token).GET('/api/v2/me')).response.status, 200, 'the token is valid');
  };
  const stop = async () => {
    node.child.kill('SIGTERM');
    assert.equal(await node.exited, 0);
  };
  return { api, use, stop };
}

const storedEvents = async () =>
  (await owner.query('select count(*)::integer as count from interaction_events')).rows[0].count as number;

test('with the clock of the database days and years off, and back, every request is accepted and stored', async () => {
  const node = await startNode();
  const before = await storedEvents();
  const clocks = ['+0', '+3d', '+0', '-3d', '+400d', '-400d', '+0'];
  for (const [round, difference] of clocks.entries()) {
    databaseClock.set(difference);
    const { rows } = await owner.query('select clock_timestamp() as now');
    const days = (rows[0].now.getTime() - Date.now()) / 86_400_000;
    assert.ok(Math.abs(days - Number.parseInt(difference, 10)) < 0.1, 'the clock of the database is off');
    await node.use();
    assert.equal(await storedEvents(), before + 3 * (2 * round + 1), difference);
    await waitFor(() => maintainPartitions(db, 'interaction_events', null), 'maintenance');
    await node.use();
  }
  assert.equal(await storedEvents(), before + 3 * 2 * clocks.length);
  assert.equal((await owner.query('select from interaction_events_default')).rowCount, 0);
  await node.stop();
});

for (const difference of ['+1h', '-1h']) {
  test(`a node whose clock is off by ${difference} accepts every request, and its webhooks are valid`, async () => {
    const clock = fakeClock(folder, 'node-clock');
    clock.set(difference);
    const node = await startNode(clock.environment);
    const receiver = await webhookReceiver();
    await node.api.POST('/api/v2/webhook-subscriptions', {
      body: { url: receiver.url, topics: ['interaction.recorded'] },
    });
    await node.use();
    await waitFor(() => receiver.received.length === 3, 'the messages arrive');
    for (const { headers } of receiver.received) {
      const seconds = Number(headers['webhook-timestamp']);
      assert.ok(Math.abs(seconds - Date.now() / 1000) < 300, 'receivers accept a difference of five minutes');
    }
    receiver.close();
    await node.stop();
  });
}
