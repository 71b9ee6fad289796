import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { after, before, type TestContext, test } from 'node:test';
import pg from 'pg';
import { Listener } from '../../server/store/database/listener.ts';
import { testDatabase } from '../support/database.ts';
import { type DatabaseProxy, startDatabaseProxy } from '../support/database-proxy.ts';
import { waitFor } from '../support/wait.ts';

/** A test that waits for a call that never comes fails after this. */
const options = { timeout: 60_000 };
/** No poll happens while a test runs, so that only notifications and connects call a subscriber. */
const NO_POLL = { pollMs: 600_000 };

/** A listener that is closed after the test, also if the test fails: its connections would make the later ones fail. */
function openListener(t: TestContext, url: string, listenerOptions: { pollMs: number } = NO_POLL): Listener {
  const listener = new Listener(url, listenerOptions);
  t.after(() => listener.close());
  return listener;
}

let database: Awaited<ReturnType<typeof testDatabase>>;
let proxy: DatabaseProxy;
let db: pg.Client;
before(async () => {
  database = await testDatabase();
  proxy = await startDatabaseProxy(database.url);
  db = new pg.Client(database.url);
  await db.connect();
});
after(async () => {
  await db.end();
  await proxy.close();
  await database.drop();
});

/** A subscriber: `next()` resolves at the first call after the last one that it returned. */
function subscriber(): { onNotify(): void; next(): Promise<void> } {
  const calls = new EventEmitter();
  let pending = 0;
  return {
    onNotify: () => {
      pending += 1;
      calls.emit('call');
    },
    next: async () => {
      if (pending === 0) await once(calls, 'call');
      pending = 0;
    },
  };
}

const notify = (channel: string) => db.query('select pg_notify($1, $2)', [channel, '']);
const backends = async (): Promise<{ pid: number }[]> => {
  const text = `select pid from pg_stat_activity
    where datname = current_database() and application_name = 'ihf-hub listener'`;
  return (await db.query(text)).rows;
};
/** Resolves when a session of this database waits for the advisory lock. Other test files use the same Postgres. */
async function isWaitedFor(key: number): Promise<void> {
  const text = `select from pg_locks join pg_database on pg_database.oid = database
    where datname = current_database() and locktype = 'advisory' and objid = $1 and not granted`;
  while ((await db.query(text, [key])).rowCount === 0);
}
/** Resolves when no connection of a listener is left: closed ones disappear from the view a moment later. */
async function noBackend(): Promise<void> {
  while ((await backends()).length > 0);
}

test('a notification reaches the subscribers of its channel and no others', options, async (t) => {
  const listener = openListener(t, database.url);
  const [orders, bills] = [subscriber(), subscriber()];
  let otherCalls = 0;
  await listener.start();
  await listener.on('orders', orders.onNotify);
  await listener.on('bills', bills.onNotify);
  await Promise.all([orders.next(), bills.next()]);
  await listener.on('other', () => otherCalls++);
  await notify('orders');
  await orders.next();
  await notify('bills');
  await bills.next();
  assert.equal(otherCalls, 1, 'only the call at the subscription itself');
  await listener.close();
});

test('two subscribers of one channel are both called', options, async (t) => {
  const listener = openListener(t, database.url);
  const [one, other] = [subscriber(), subscriber()];
  await listener.start();
  await listener.on('orders', one.onNotify);
  await listener.on('orders', other.onNotify);
  await Promise.all([one.next(), other.next()]);
  await notify('orders');
  await Promise.all([one.next(), other.next()]);
  await listener.close();
});

test('one process has one connection, however many channels it listens on', options, async (t) => {
  const listener = openListener(t, database.url);
  await listener.start();
  for (const channel of ['orders', 'bills', 'other']) await listener.on(channel, () => {});
  await listener.hold('select pg_advisory_lock_shared(1)');
  assert.equal((await backends()).length, 1);
  await listener.close();
  await noBackend();
});

test(
  'after a lost connection it reconnects, calls every subscriber, and listens and holds again',
  options,
  async (t) => {
    const listener = openListener(t, database.url);
    const orders = subscriber();
    await listener.start();
    const held = await listener.hold<{ pid: number }>('select pg_backend_pid() as pid, pg_advisory_lock_shared(2)');
    await listener.on('orders', orders.onNotify);
    await orders.next();
    const pid = held.row?.pid;
    await db.query('select pg_terminate_backend($1)', [pid]);
    await orders.next();
    assert.ok(listener.connected);
    assert.ok(held.row?.pid && held.row.pid !== pid, 'held on the new connection');
    await notify('orders');
    await orders.next();
    await listener.close();
  },
);

test('what is held ends with the connection: without one there is no row', options, async (t) => {
  const listener = openListener(t, proxy.url);
  const orders = subscriber();
  await listener.start();
  const held = await listener.hold<{ number: number }>('select 7 as number, pg_advisory_lock(3)');
  const number = () => held.row?.number;
  await listener.on('orders', orders.onNotify);
  await orders.next();
  assert.equal(number(), 7);
  await proxy.disconnect();
  // The database frees the lock as soon as it notices the lost connection.
  await db.query('select pg_advisory_lock(3), pg_advisory_unlock(3)');
  // Nothing orders that and the end of the listener's own socket.
  await waitFor(() => number() === undefined, 'the listener notices the lost connection');
  assert.equal(listener.connected, false);
  await proxy.restore();
  await orders.next();
  assert.equal(number(), 7);
  await listener.close();
});

test(
  'a commit between connect and listen is not missed: subscribers are called once it listens',
  options,
  async (t) => {
    // A new listener reads the queue from where others are: without one, Postgres could deliver the earlier notification.
    await db.query('listen orders');
    await db.query('select pg_advisory_lock(4)');
    const listener = openListener(t, database.url);
    const orders = subscriber();
    // The connection is there, but waits for the lock before it listens.
    const held = listener.hold('select pg_advisory_lock(4)');
    const subscribed = listener.on('orders', orders.onNotify);
    const started = listener.start();
    await isWaitedFor(4);
    await notify('orders');
    await db.query('select pg_advisory_unlock(4)');
    await Promise.all([held, subscribed, started]);
    await orders.next();
    await listener.close();
  },
);

test('a subscriber that comes while it connects is served by that connection', options, async (t) => {
  const listener = openListener(t, database.url);
  const orders = subscriber();
  const started = listener.start();
  await listener.on('orders', orders.onNotify);
  await started;
  await orders.next();
  await notify('orders');
  await orders.next();
  await listener.close();
});

test('subscribers are polled, in case a notification is lost', options, async (t) => {
  const listener = openListener(t, database.url, { pollMs: 20 });
  const orders = subscriber();
  await listener.start();
  await listener.on('orders', orders.onNotify);
  // One call at the subscription, the others without any notification.
  for (let call = 0; call < 3; call++) await orders.next();
  await listener.close();
});

test('a database that is away is tried again until it is back', options, async (t) => {
  await proxy.disconnect();
  const listener = openListener(t, proxy.url);
  const orders = subscriber();
  await listener.on('orders', orders.onNotify);
  await listener.start();
  assert.equal(listener.connected, false);
  await proxy.restore();
  await orders.next();
  assert.ok(listener.connected);
  await listener.close();
});

test(
  'closing it while it connects leaves no connection, even if a statement of its setup waits',
  options,
  async (t) => {
    await db.query('select pg_advisory_lock(5)');
    const listener = openListener(t, database.url);
    void listener.hold('select pg_advisory_lock(5)');
    void listener.start();
    await isWaitedFor(5);
    await listener.close();
    assert.equal(listener.connected, false);
    await db.query('select pg_advisory_unlock(5)');
    await noBackend();
  },
);

test('closing it at once, and closing it twice, is harmless', options, async (t) => {
  const listener = openListener(t, database.url);
  void listener.start();
  await listener.close();
  await listener.close();
  await noBackend();
  assert.equal(listener.connected, false);
});
