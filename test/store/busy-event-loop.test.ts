import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Database, openDatabase } from '../../server/store/database/database.ts';
import { testDatabase } from '../support/database.ts';

const CONNECTIONS = 4;
/** Longer than a statement may take. */
const BLOCKED_MS = 1_500;
const TIMEOUT_MS = 800;

let database: Awaited<ReturnType<typeof testDatabase>>;
let db: Database;

before(async () => {
  database = await testDatabase();
  db = openDatabase(database.url, { connections: CONNECTIONS, timeoutMs: TIMEOUT_MS });
});
after(async () => {
  await db.close();
  await database.drop();
});

function blockEventLoop(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BLOCKED_MS);
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

async function connectAll(): Promise<void> {
  await Promise.all(Array.from({ length: CONNECTIONS }, () => db.query('select pg_sleep(0.05)')));
}

test('responses that arrived while the event loop was blocked are read, and no statement times out', async () => {
  await connectAll();
  // More than there are connections: the others wait for one.
  const statements = Array.from({ length: 3 * CONNECTIONS }, (_, index) => db.query(`select ${index} as number`));
  await turn();
  blockEventLoop();
  const results = await Promise.all(statements);
  assert.deepEqual(
    results.flat(),
    results.map((_, number) => ({ number })),
  );
});

test('a connection that is being opened while the event loop is blocked is used', async () => {
  const fresh = openDatabase(database.url, { timeoutMs: TIMEOUT_MS });
  const rows = fresh.query('select 1 as one');
  await turn();
  blockEventLoop();
  assert.deepEqual(await rows, [{ one: 1 }]);
  await fresh.close();
});

test('a statement that takes too long is canceled, and its connection is used again', async () => {
  const slow = openDatabase(database.url, { connections: 1, timeoutMs: TIMEOUT_MS });
  const session = () => slow.query('select pg_backend_pid() as pid');
  const before = await session();
  await assert.rejects(slow.query('select pg_sleep(60)'), { code: 'unavailable' });
  assert.deepEqual(await session(), before);
  await slow.close();
});
