import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import pg from 'pg';
import {
  EVENT_TABLES,
  LOG_TABLES,
  maintainPartitions,
  WEBHOOK_TABLES,
} from '../../server/store/database/partitions.ts';
import { hasBlockedQuery } from '../support/database.ts';
import { type TestServer, testServer } from '../support/server.ts';
import { waitFor } from '../support/wait.ts';

const TABLES = [...EVENT_TABLES, ...WEBHOOK_TABLES, ...LOG_TABLES];

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

interface Partition {
  name: string;
  starts_at: Date;
  ends_at: Date;
}
const partitions = async (table: string): Promise<Partition[]> =>
  (await owner.query('select * from ihf_partitions($1::regclass) order by starts_at', [table])).rows;
const rowCount = async (table: string): Promise<number> => (await owner.query(`select from ${table}`)).rowCount ?? 0;
const dropPartitions = async (table: string) => {
  for (const { name } of await partitions(table)) await owner.query(`drop table ${name}`);
};
const record = async () => {
  const body = { widget_id: widgetId, event_type: 'clicked' };
  return (await server.api.POST('/api/v2/interaction-events', { body })).response.status;
};
/** Stores an event with an id of this time, as a database would whose clock shows it. */
const recordAt = async (time: string): Promise<string> => {
  const { rows } = await owner.query(
    `insert into interaction_events (hub_id, id, widget_id, event_type, occurred_at)
     values ($1, ihf_uuidv7_at(${time}), $2, 'clicked', now()) returning id`,
    [server.caller.hubId, widgetId],
  );
  return rows[0].id;
};

test('partitions cover the previous period and the next ones, without gaps', async () => {
  for (const table of TABLES) {
    const known = await partitions(table);
    assert.equal(known.length, 5, table);
    for (const [index, { ends_at }] of known.slice(0, -1).entries()) {
      assert.deepEqual(known[index + 1]?.starts_at, ends_at);
    }
  }
});

test('after months without maintenance requests are stored, and the next maintenance gives them a partition', async () => {
  for (const table of TABLES) await dropPartitions(table);
  await server.api.POST('/api/v2/webhook-subscriptions', {
    body: { url: 'https://example.com/hook', topics: ['interaction.recorded'] },
  });
  for (let event = 0; event < 5; event++) assert.equal(await record(), 201);
  await server.requestLog.flush();
  for (const table of ['interaction_events', 'webhook_messages', 'api_request_log', 'request_counts_by_consumer']) {
    assert.ok((await rowCount(`${table}_default`)) > 0, table);
    const rows = await rowCount(table);
    assert.equal(await maintainPartitions(server.database, table as (typeof TABLES)[number], null), true);
    assert.equal(await rowCount(`${table}_default`), 0, table);
    assert.ok((await rowCount(table)) >= rows, 'every row is still in the table');
    assert.equal((await partitions(table)).length, 5);
  }
  assert.equal(await record(), 201);
});

const assertStored = async (ids: readonly string[]) => {
  for (const id of ids) {
    const path = { event_id: id };
    const { response } = await server.api.GET('/api/v2/interaction-events/{event_id}', { params: { path } });
    assert.equal(response.status, 200, id);
  }
};

test('a clock that jumps ahead and back loses no event', async () => {
  const ids: string[] = [];
  for (const time of [
    "now() + interval '400 days'",
    "now() - interval '400 days'",
    'now()',
    // The first and the last milliseconds of months, and of the times that an id can contain.
    "timestamptz '1970-01-01T00:00:00.000Z'",
    "timestamptz '1970-01-31T23:59:59.999Z'",
    "timestamptz '1970-02-01T00:00:00.000Z'",
    "timestamptz '2031-02-28T23:59:59.999Z'",
    "timestamptz '2031-03-01T00:00:00.000Z'",
    "timestamptz '2400-12-31T23:59:59.999Z'",
    "timestamptz '2401-01-01T00:00:00.000Z'",
  ]) {
    ids.push(await recordAt(time));
  }
  for (const round of [1, 2]) {
    assert.ok(await maintainPartitions(server.database, 'interaction_events', null), `round ${round}`);
    await assertStored(ids);
    assert.equal(await rowCount('interaction_events_default'), 0);
  }
  assert.equal(await record(), 201);
});

test('an event that commits while maintenance moves the others is stored', async (t) => {
  const writer = new pg.Client(server.databaseUrl);
  await writer.connect();
  t.after(() => writer.end());
  const ids = [await recordAt("now() + interval '1000 days'")];
  const rows = await rowCount('interaction_events');
  await writer.query('begin');
  const { rows: inserted } = await writer.query(
    `insert into interaction_events (hub_id, id, widget_id, event_type, occurred_at)
     select $1, ihf_uuidv7_at(now() + days * interval '1 day'), $2, 'clicked', now() from unnest(array[900, 1100]) as days
     returning id`,
    [server.caller.hubId, widgetId],
  );
  ids.push(...inserted.map(({ id }) => id as string));
  let isDone = false;
  const maintenance = maintainPartitions(server.database, 'interaction_events', null).finally(() => {
    isDone = true;
  });
  await waitFor(async () => isDone || (await hasBlockedQuery(owner)), 'maintenance waits for the writer');
  await writer.query('commit');
  // False if the writer was slower than the lock timeout: then the next call does it.
  if (!(await maintenance)) assert.ok(await maintainPartitions(server.database, 'interaction_events', null));
  assert.equal(await rowCount('interaction_events_default'), 0);
  assert.equal(await rowCount('interaction_events'), rows + inserted.length);
  await assertStored(ids);
});

test('maintenance is rejected in a transaction that does not see rows committed meanwhile', async () => {
  await owner.query('begin isolation level repeatable read');
  await assert.rejects(owner.query("select ihf_maintain_partitions('interaction_events', null)"), /read committed/);
  await owner.query('rollback');
});

test('while a dump holds the tables, no writer waits for a second, and the partitions are made after it', async (t) => {
  const dump = new pg.Client(server.databaseUrl);
  const writer = new pg.Client(server.databaseUrl);
  await Promise.all([dump.connect(), writer.connect()]);
  const last = (await partitions('interaction_events')).filter(({ starts_at }) => starts_at < new Date('2999-01-01'));
  const future = last.find(({ starts_at }) => starts_at > new Date()) as Partition;
  await owner.query(`drop table ${future.name}`);
  const { rows } = await owner.query(
    `select relid::regclass::text as name from pg_partition_tree('interaction_events')`,
  );
  t.after(() => Promise.all([dump.end(), writer.end()]));
  await dump.query('begin');
  await dump.query(`lock table ${rows.map(({ name }) => name).join(', ')} in access share mode`);

  // The writer gives up a lock that it has waited for for a second.
  await writer.query("set lock_timeout = '1s'");
  let isDone = false;
  const maintenance = maintainPartitions(server.database, 'interaction_events', null).finally(() => {
    isDone = true;
  });
  await waitFor(async () => isDone || (await hasBlockedQuery(owner)), 'maintenance waits for a lock of the dump');
  do {
    await writer.query(
      `insert into interaction_events (hub_id, widget_id, event_type, occurred_at) values ($1, $2, 'clicked', now())`,
      [server.caller.hubId, widgetId],
    );
  } while (!isDone);
  assert.equal(await maintenance, false, 'there is more to do');
  await dump.query('rollback');
  assert.equal(await maintainPartitions(server.database, 'interaction_events', null), true);
  assert.ok((await partitions('interaction_events')).some(({ name }) => name === future.name));
});

test('one node at a time maintains a table; the others do not wait for it', async () => {
  await owner.query('begin');
  await owner.query("select ihf_maintain_partitions('webhook_messages', null)");
  assert.equal(await maintainPartitions(server.database, 'webhook_messages', null), false);
  await owner.query('rollback');
  assert.equal(await maintainPartitions(server.database, 'webhook_messages', null), true);
});

test('events can be dropped although annotations refer to them', async () => {
  const event_id = await recordAt("now() - interval '100 days'");
  const { data } = await server.api.POST('/api/v2/annotations', {
    body: { widget_id: widgetId, event_id, category: 'bug', body: 'It failed.' },
  });
  assert.ok(data?.id);
  await maintainPartitions(server.database, 'interaction_events', null);
  assert.equal(await maintainPartitions(server.database, 'interaction_events', 60), true);
  assert.equal((await owner.query('select from interaction_events where id = $1', [event_id])).rowCount, 0);
  const path = { annotation_id: data.id };
  const found = await server.api.GET('/api/v2/annotations/{annotation_id}', { params: { path } });
  assert.equal(found.data?.event_id, event_id);
});

test('the database rejects an annotation on an event that does not exist', async () => {
  await assert.rejects(
    owner.query(
      `insert into annotations (hub_id, widget_id, event_id, category, body)
       values ($1, $2, ihf_uuidv7(), 'bug', 'It failed.')`,
      [server.caller.hubId, widgetId],
    ),
    { code: '23503', constraint: 'annotations_hub_id_event_id_fkey' },
  );
});

test('without any partition the response is 503, not 422, and maintenance repairs it', async () => {
  await dropPartitions('interaction_events');
  await owner.query('drop table interaction_events_default');
  assert.equal(await record(), 503);
  assert.equal(await maintainPartitions(server.database, 'interaction_events', null), true);
  assert.equal(await record(), 201);
});
