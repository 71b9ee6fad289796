import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { openDatabase } from '../../server/store/database/database.ts';
import { insertWidget } from '../../server/store/interactions/widgets.ts';
import { newCaller } from '../support/access.ts';
import { testDatabase } from '../support/database.ts';

test('storing events reads no subscriptions of other hubs, however many there are', async (t) => {
  const { url, drop } = await testDatabase();
  const db = openDatabase(url);
  const client = new pg.Client(url);
  await client.connect();
  t.after(async () => {
    await client.end();
    await db.close();
    await drop();
  });
  const { hubId } = await newCaller(db);
  const widget = await insertWidget(db, { hub_id: hubId, key: 'buy', widget_type: 'button', name: 'Buy' });
  await client.query(`insert into webhook_subscriptions (hub_id, url, topics, keys)
    values ('${hubId}', 'https://example.com', '{interaction.recorded}', '')`);

  /** The rows of subscriptions that this session has read. Postgres adds those of earlier transactions for up to a second. */
  const rowsRead = async (): Promise<number> => {
    const { rows } = await client.query(`select (seq_tup_read + idx_tup_fetch)::integer as read
      from pg_stat_xact_user_tables where relname = 'webhook_subscriptions'`);
    return rows[0].read;
  };
  /** The rows of subscriptions that are read to store a batch of 100 events. */
  const readRows = async (): Promise<number> => {
    await client.query('analyze webhook_subscriptions');
    await client.query('begin');
    const before = await rowsRead();
    await client.query(
      `insert into interaction_events (hub_id, widget_id, event_type, occurred_at)
       select $1, $2, 'clicked', now() from generate_series(1, 100)`,
      [hubId, widget.id],
    );
    const read = (await rowsRead()) - before;
    await client.query('rollback');
    return read;
  };
  const alone = await readRows();
  assert.ok(alone > 0);

  await client.query(`with hub as (insert into hubs (slug, name) select 'other-' || number, 'Other'
      from generate_series(1, 200) as number returning id)
    insert into webhook_subscriptions (hub_id, url, topics, keys)
    select id, 'https://example.com', '{interaction.recorded}', '' from hub cross join generate_series(1, 10)`);
  const among = await readRows();
  t.diagnostic(`${alone} rows of subscriptions read without other hubs, ${among} with 2 000 subscriptions of 200 hubs`);
  // One more: whether there is any subscription at all is seen from any of them.
  assert.ok(among <= alone + 1, `${alone} rows read without other hubs, ${among} with them`);
});
