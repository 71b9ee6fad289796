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

/** Asserts that partitions cover the time from the previous day or month to three periods ahead, without gaps. */
async function assertCovered(table: string): Promise<void> {
  const { rows } = await owner.query(
    `select date_trunc(period, now(), 'utc') - ('1 ' || period)::interval as first,
       date_trunc(period, now(), 'utc') + 4 * ('1 ' || period)::interval as last
     from partitioned_tables where name = $1`,
    [table],
  );
  const [{ first, last }] = rows as [{ first: Date; last: Date }];
  const known = (await partitions(table)).filter(({ ends_at, starts_at }) => ends_at > first && starts_at < last);
  assert.ok(known[0] && known[0].starts_at <= first, table);
  for (const [index, { ends_at }] of known.entries()) {
    assert.ok(ends_at >= last || known[index + 1]?.starts_at.getTime() === ends_at.getTime(), table);
  }
}

test('partitions cover the previous period and the next ones, without gaps', async () => {
  for (const table of TABLES) await assertCovered(table);
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
    await assertCovered(table);
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

test('a default partition becomes a partition without being read under a lock', async (t) => {
  await dropPartitions('webhook_messages');
  assert.equal(await record(), 201);
  const messages: string[] = [];
  const onNotice = ({ message }: { message?: string | undefined }) => void messages.push(message ?? '');
  owner.on('notice', onNotice);
  await owner.query('set client_min_messages = debug1');
  t.after(async () => {
    owner.off('notice', onNotice);
    await owner.query('reset client_min_messages');
  });
  const step = async () => (await owner.query(`select ihf_maintain_partitions('webhook_messages', null) as todo`)).rows;
  assert.deepEqual(await step(), [{ todo: 'continue' }], 'a constraint for new rows');
  messages.length = 0;
  assert.deepEqual(await step(), [{ todo: 'continue' }]);
  assert.ok(
    messages.some((text) => /^partition constraint for table .* is implied by existing constraints$/.test(text)),
  );
  assert.deepEqual(await step(), [{ todo: 'done' }]);
});

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
  assert.equal((await owner.query('select from partition_repairs')).rowCount, 0);
  assert.equal(await record(), 201);
});

test('rows of an append-only table that have no partition are moved to one, and still cannot be deleted', async () => {
  await dropPartitions('webhook_messages');
  assert.equal(await maintainPartitions(server.database, 'webhook_messages', null), true);
  for (const days of [-40, 40]) {
    await owner.query(
      `insert into webhook_messages (hub_id, id, topic, data)
       values ($1, ihf_uuidv7_at(now() + $2 * interval '1 day'), 'webhook.test', '{}')`,
      [server.caller.hubId, days],
    );
  }
  const rows = await rowCount('webhook_messages');
  assert.equal(await maintainPartitions(server.database, 'webhook_messages', null), true);
  assert.equal(await rowCount('webhook_messages_default'), 0);
  assert.equal(await rowCount('webhook_messages'), rows);
  await assert.rejects(owner.query('delete from webhook_messages'), { code: 'IH003' });
});

test('while rows wait for their partition, an event of yet another time gets a 503, not a 422', async () => {
  await dropPartitions('interaction_events');
  assert.equal(await record(), 201);
  const step = () => owner.query(`select ihf_maintain_partitions('interaction_events', null)`);
  await step();
  await owner.query(`alter table interaction_events_default drop constraint rows_of_one_time,
    add constraint rows_of_one_time check (id > ihf_uuidv7_at('2100-01-01')) not valid`);
  assert.equal(await record(), 503);
  await step();
  assert.equal(await record(), 201, 'maintenance begins again');
  assert.equal(await maintainPartitions(server.database, 'interaction_events', null), true);
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

test('while a dump holds the tables, no writer waits for a second, and the partitions are made after it', async (t) => {
  const dump = new pg.Client(server.databaseUrl);
  const writer = new pg.Client(server.databaseUrl);
  await Promise.all([dump.connect(), writer.connect()]);
  await dropPartitions('interaction_events');
  assert.equal(await maintainPartitions(server.database, 'interaction_events', null), true);
  const future = (await partitions('interaction_events')).at(-1) as Partition;
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
