import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startPostgres } from '../../server/postgres/launcher.ts';
import { MIGRATIONS } from '../../server/project-files.ts';
import { migrate } from '../../server/store/database/migrate.ts';
import { insertInteractionEvents } from '../../server/store/interactions/interaction-events.ts';
import { temporaryFolder } from '../support/database.ts';
import { type ServerProcess, startProcess } from '../support/server-process.ts';
import { until, type WebhookHarness, type WebhookReceiver, webhookHarness, webhookReceiver } from './support.ts';

const WORKER = resolve(import.meta.dirname, '../../server/worker.js');

const open: { close(): unknown }[] = [];
after(async () => {
  for (const each of open.reverse()) await each.close();
});

async function newStage(...given: Parameters<typeof webhookHarness>): Promise<WebhookHarness> {
  const on = await webhookHarness(...given);
  open.push(on);
  return on;
}

async function endpoint(...answer: Parameters<typeof webhookReceiver>): Promise<WebhookReceiver> {
  const to = await webhookReceiver(...answer);
  open.push(to);
  return to;
}

/** A worker as `npm run worker` runs it. */
async function workerProcess(on: WebhookHarness): Promise<ServerProcess> {
  const environment = {
    ...{ DATABASE_URL: on.url, IHF_WEBHOOK_ALLOW: '127.0.0.0/8', IHF_WEBHOOK_RETRIES: '0.1,0.1' },
    IHF_SECRET_KEY: on.secretKey.toString('base64'),
  };
  const worker = startProcess(environment, WORKER);
  open.push({ close: () => worker.child.kill('SIGKILL') });
  await worker.waitForOutput('delivers webhooks');
  return worker;
}

test('no event is stored without what is to be sent of it', async () => {
  const on = await newStage();
  await on.subscribe('http://127.0.0.1:1/');
  for (const table of ['webhook_queue', 'webhook_messages']) {
    await on.admin.query(`alter table ${table} add constraint never check (false) not valid`);
    await assert.rejects(on.record(3));
    const event = { hub_id: on.hubId, widget_id: on.widgetId, event_type: 'clicked' };
    const [outcome] = await insertInteractionEvents(on.db, [event]);
    assert.ok(outcome instanceof Error);
    assert.equal((await on.admin.query('select from interaction_events')).rowCount, 0);
    await on.admin.query(`alter table ${table} drop constraint never`);
  }
  await on.record(3);
  const { rows } = await on.admin.query(
    `select (select count(*) from interaction_events)::int as events, (select count(*) from webhook_messages)::int as messages,
       (select count(*) from webhook_queue)::int as queued`,
  );
  assert.deepEqual(rows[0], { events: 3, messages: 3, queued: 3 });
});

for (const ordered of [false, true]) {
  test(`kill -9 of a worker: within a second another has its messages${ordered ? ', in order' : ''}`, async () => {
    const on = await newStage();
    let isStuck = true;
    const to = await endpoint((response) => isStuck || response.writeHead(200).end());
    await on.subscribe(to.url, { ordered });
    const first = await workerProcess(on);
    await on.record(5);
    await until(() => to.received.length === (ordered ? 1 : 5), 'the first worker has them under way');
    const before = to.received.length;
    await on.worker();
    await sleep(300);
    assert.equal(to.received.length, before, 'the second worker leaves them alone');
    isStuck = false;
    const killed = performance.now();
    first.child.kill('SIGKILL');
    await until(() => to.received.length >= before + 5, 'the second worker delivers them');
    assert.ok((to.received[before]?.at ?? Number.POSITIVE_INFINITY) - killed < 1_000, 'within a second');
    const ids = to.received.slice(before).map(({ message }) => String(message.data.id));
    assert.equal(new Set(ids).size, 5);
    if (ordered) assert.deepEqual(ids, [...ids].sort());
  });
}

test('a worker that is asked to end finishes what is under way, and leaves the rest to others', async () => {
  const on = await newStage();
  const to = await endpoint(async (response) => {
    await sleep(200);
    response.writeHead(200).end();
  });
  await on.subscribe(to.url, { max_in_flight: 4 });
  const worker = await workerProcess(on);
  await on.record(20);
  await until(() => to.received.length >= 4, 'it delivers');
  worker.child.kill('SIGTERM');
  assert.equal(await worker.exited, 0);
  const { rows } = await on.admin.query('select count(*)::int as attempts from webhook_deliveries where succeeded');
  assert.equal(rows[0].attempts, to.received.length);
  await on.worker();
  await until(() => to.received.length === 20, 'the rest arrives');
  assert.equal(new Set(to.received.map(({ id }) => id)).size, 20);
});

test('kill -9 of Postgres loses nothing that was acknowledged, and needs no hand', async () => {
  const folder = temporaryFolder('ihf-webhooks-');
  const dataDir = join(folder, 'data');
  let postgres = await startPostgres({ dataDir });
  const address = await movable(() => postgres.port);
  const url = new URL(postgres.url);
  url.host = address.host;
  await migrate(postgres.url, MIGRATIONS);
  open.push({ close: () => rmSync(folder, { recursive: true, force: true }) });
  open.push({ close: () => postgres.stop() }, address);
  const on = await newStage({ url: url.href, drop: async () => {} });
  const to = await endpoint();
  await on.subscribe(to.url);
  await on.worker();

  const acknowledged = new Set<string>();
  let isOver = false;
  const report = async () => {
    while (!isOver) {
      const event = { hub_id: on.hubId, widget_id: on.widgetId, event_type: 'clicked' };
      const outcomes = await insertInteractionEvents(on.db, Array(5).fill(event)).catch(() => []);
      for (const outcome of outcomes) if ('id' in outcome) acknowledged.add(outcome.id);
      await sleep(10);
    }
  };
  const reporting = report();
  for (let round = 0; round < 2; round++) {
    await sleep(500);
    const [pid] = readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n');
    process.kill(Number(pid), 'SIGKILL');
    await postgres.died;
    postgres = await startPostgres({ dataDir });
  }
  await sleep(500);
  isOver = true;
  await reporting;
  assert.ok(acknowledged.size > 100, `${acknowledged.size} acknowledged`);
  const isThere = () => {
    const arrived = new Set(to.received.map(({ message }) => message.data.id));
    return [...acknowledged].every((id) => arrived.has(id));
  };
  await until(isThere, 'all that was acknowledged arrives', 20_000);
});

/** An address in front of a server whose port changes. */
async function movable(port: () => number): Promise<{ host: string; close(): void }> {
  const server = createServer((near) => {
    const far = connect(port(), '127.0.0.1');
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('error', () => {});
      one.on('close', () => other.destroy());
    }
    near.pipe(far).pipe(near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

test('attempts and messages are never changed or deleted, by whatever hand and in whatever partition', async () => {
  const on = await newStage();
  const to = await endpoint();
  await on.subscribe(to.url);
  await on.worker();
  await on.record();
  const count = async () => (await on.admin.query('select from webhook_deliveries')).rowCount;
  await until(async () => (await count()) === 1, 'an attempt is written');
  const today = (await on.admin.query(`select to_char(now() at time zone 'utc', 'YYYY_MM_DD') as day`)).rows[0].day;
  for (const table of ['webhook_deliveries', 'webhook_messages']) {
    for (const name of [table, `${table}_${today}`]) {
      for (const statement of [`update ${name} set id = id`, `delete from ${name}`, `truncate ${name}`]) {
        await assert.rejects(on.admin.query(statement), { code: 'IH003' }, statement);
      }
    }
  }
  assert.equal(await count(), 1);
});

test('days that are no longer kept are dropped, with what was queued of them', async () => {
  const on = await newStage();
  await on.subscribe('http://127.0.0.1:1/');
  await on.record(2);
  await on.admin.query('select ihf_rotate_webhook_partitions(3, -1)');
  for (const table of ['webhook_messages', 'webhook_queue']) {
    assert.equal((await on.admin.query(`select from ${table}`)).rowCount, 0, table);
  }
});
