import { test } from 'node:test';
import pg from 'pg';
import { openDatabase } from '../../server/store/database/database.ts';
import { assertListsReadOnePage } from '../store/list-reads.ts';
import { testDatabase } from '../support/database.ts';

test('in a hub with a million events no list reads more rows than a page has, with any combination of filters', async (t) => {
  const { url, drop } = await testDatabase();
  const db = openDatabase(url);
  const client = new pg.Client(url);
  await client.connect();
  t.after(async () => {
    await client.end();
    await db.close();
    await drop();
  });
  await assertListsReadOnePage(db, client, 1_000_000);
});
