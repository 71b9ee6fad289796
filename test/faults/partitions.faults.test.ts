import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { maintainPartitions } from '../../server/store/database/partitions.ts';
import { type TestServer, testServer } from '../support/server.ts';

const ROWS = 1_000_000;

let server: TestServer;
let owner: pg.Client;
let widgetId: string;
before(async () => {
  server = await testServer();
  owner = new pg.Client(server.databaseUrl);
  await owner.connect();
  const { data } = await server.api.POST('/api/v2/widgets', {
    body: { hub_id: server.caller.hubId, key: 'buy', widget_type: 'button', name: 'Buy' },
  });
  widgetId = data?.id ?? '';
});
after(async () => {
  await owner.end();
  await server.close();
});

/** Stores events as at a time, without partitions for it. */
async function storeWithoutPartition(time: string, count: number): Promise<void> {
  await owner.query('alter table interaction_events disable trigger check_event_type');
  await owner.query(
    `insert into interaction_events (hub_id, id, widget_id, event_type, occurred_at)
     select $1, ihf_uuidv7_at(${time} + number * interval '1 millisecond'), $2, 'clicked', now()
     from generate_series(1, $3::integer) as number`,
    [server.caller.hubId, widgetId, count],
  );
  await owner.query('alter table interaction_events enable trigger check_event_type');
}

/** Inserts events until `work` is done, and gives up a lock that it has waited for for a second. */
async function whileWriting(work: Promise<unknown>): Promise<{ written: number; longestMs: number }> {
  const writer = new pg.Client(server.databaseUrl);
  await writer.connect();
  await writer.query("set lock_timeout = '1s'");
  let isDone = false;
  const done = work.finally(() => {
    isDone = true;
  });
  let written = 0;
  let longestMs = 0;
  while (!isDone) {
    const start = performance.now();
    await writer.query(
      `insert into interaction_events (hub_id, widget_id, event_type, occurred_at) values ($1, $2, 'clicked', now())`,
      [server.caller.hubId, widgetId],
    );
    written++;
    longestMs = Math.max(longestMs, performance.now() - start);
  }
  await writer.end();
  await done;
  return { written, longestMs };
}

/** Runs maintenance until nothing is left to do. */
async function maintain(): Promise<void> {
  while (!(await maintainPartitions(server.database, 'interaction_events', null)));
}

test('a million events without a partition get theirs, and no writer waits for a second', async (t) => {
  const { rows } = await owner.query(`select name from ihf_partitions('interaction_events')`);
  for (const { name } of rows) await owner.query(`drop table ${name}`);
  await storeWithoutPartition('now()', ROWS);
  const { written, longestMs } = await whileWriting(maintain());
  t.diagnostic(`${written} events written, the longest in ${longestMs.toFixed(0)} ms`);
  assert.equal((await owner.query('select from interaction_events_default limit 1')).rowCount, 0);
  const { rows: counted } = await owner.query('select count(*)::integer as count from interaction_events');
  assert.equal(counted[0].count, ROWS + written);
});

test('events of two other times are moved to partitions, and no writer waits for a second', async (t) => {
  const { rows } = await owner.query('select count(*)::integer as count from interaction_events');
  await storeWithoutPartition("now() - interval '3 years'", 150_000);
  await storeWithoutPartition("now() + interval '3 years'", 150_000);
  const { written, longestMs } = await whileWriting(maintain());
  t.diagnostic(`${written} events written, the longest in ${longestMs.toFixed(0)} ms`);
  assert.equal((await owner.query('select from interaction_events_default limit 1')).rowCount, 0);
  const { rows: counted } = await owner.query('select count(*)::integer as count from interaction_events');
  assert.equal(counted[0].count, rows[0].count + 300_000 + written);
});
