import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { startServer } from '../../server/server.ts';
import { Listener } from '../../server/store/database/listener.ts';
import { migrate } from '../../server/store/database/migrate.ts';
import { newCaller } from '../support/access.ts';
import { testDatabase } from '../support/database.ts';
import { CONFIG } from '../support/server.ts';
import { waitFor } from '../support/wait.ts';
import { webhookHarness, webhookReceiver } from '../webhooks/harness.ts';
import { type HalfOpenProxy, startHalfOpenProxy } from './half-open-proxy.ts';
import { expectRecovery } from './recovery.ts';

const DIRECTIONS = ['to the database', 'from the database', 'both directions'] as const;

let database: Awaited<ReturnType<typeof testDatabase>>;
let proxy: HalfOpenProxy;
let admin: pg.Client;

before(async () => {
  database = await testDatabase();
  proxy = await startHalfOpenProxy(database.url);
  admin = new pg.Client(database.url);
  await admin.connect();
});
after(async () => {
  await admin.end();
  proxy.close();
  await database.drop();
});

for (const direction of DIRECTIONS) {
  test(`a node whose connections carry nothing in ${direction} answers in 5 s and recovers in 10 s`, async () => {
    const server = await startServer(CONFIG, proxy.url);
    const { key } = await newCaller(server.database);
    await expectRecovery(server, key, () => proxy.swallow(direction));
    await server.close();
  });

  test(`notifications arrive again within 10 s after the listening connection carries nothing in ${direction}`, async () => {
    const listener = new Listener(proxy.url, { pollMs: 1_000_000 });
    await listener.start();
    let calls = 0;
    await listener.on('silence', () => {
      calls += 1;
    });
    proxy.swallow(direction);
    const known = calls;
    const isCalled = async () => {
      await admin.query("select pg_notify('silence', '')");
      return calls > known;
    };
    await waitFor(isCalled, 'a notification arrives', { deadline: 10_000 });
    await listener.close();
  });

  test(`a worker whose session carries nothing in ${direction} delivers each event`, async () => {
    const harness = await webhookHarness();
    const session = await startHalfOpenProxy(harness.url);
    const receiver = await webhookReceiver();
    await harness.subscribe(receiver.url);
    await harness.worker({ sessionUrl: session.url });
    await harness.record(20);
    await waitFor(() => receiver.received.length >= 20, 'the worker delivers');
    session.swallow(direction);
    await harness.record(20);
    await waitFor(() => receiver.received.length >= 40, 'it delivers again', { deadline: 15_000 });
    const ids = receiver.received.map(({ message }) => message.data.id);
    assert.equal(new Set(ids).size, 40);
    assert.ok(ids.length <= 45, `${ids.length} deliveries of 40 events`);
    await harness.close();
    await receiver.close();
    session.close();
  });

  test(`a migration whose connection carries nothing in ${direction} fails, and the next one is applied`, async () => {
    const empty = await emptyDatabase();
    const half = await startHalfOpenProxy(empty.url);
    const directory = mkdtempSync(join(tmpdir(), 'ihf-silent-migration-'));
    writeFileSync(join(directory, '0001_slow.sql'), 'select pg_sleep(2); create table made (id int)');
    const migrating = migrate(half.url, directory);
    const isRunning = async () =>
      (await admin.query("select from pg_stat_activity where query like 'select pg_sleep(2)%'")).rowCount === 1;
    await waitFor(isRunning, 'the migration runs');
    half.swallow(direction);
    const began = performance.now();
    await assert.rejects(migrating, /The connection to the database has stalled|The database did not respond/);
    assert.ok(performance.now() - began < 30_000);
    assert.deepEqual(await migrate(empty.url, directory), ['0001_slow.sql']);
    half.close();
    rmSync(directory, { recursive: true });
    await empty.drop();
  });
}

async function emptyDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `ihf_empty_${process.pid}`;
  await admin.query(`create database ${name}`);
  const url = new URL(database.url);
  url.pathname = `/${name}`;
  return { url: url.href, drop: async () => void (await admin.query(`drop database ${name} with (force)`)) };
}
