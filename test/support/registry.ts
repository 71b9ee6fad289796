import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import pg from 'pg';

const LISTEN = 'listen "ihf_contract"';

/**
 * Stops notifications of registry changes to the nodes of this database until the returned function is called or the test
 * ends. The nodes still poll every five seconds: see `retryUntilUnheard`.
 */
export async function blockNotifications(test: TestContext, db: pg.Client): Promise<() => void> {
  const { query } = pg.Client.prototype as unknown as { query(...parameters: unknown[]): Promise<unknown> };
  // The nodes are in this process. A LISTEN that fails keeps the listener from connecting again.
  const { mock } = test.mock.method(pg.Client.prototype, 'query', function (this: pg.Client, ...parameters: unknown[]) {
    return parameters[0] === LISTEN
      ? Promise.reject(new Error('notifications are blocked'))
      : query.apply(this, parameters);
  });
  const { rows } = await db.query(
    `select pid, pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and application_name = 'ihf-hub listener'`,
  );
  const pids = rows.map(({ pid }) => pid);
  while ((await db.query('select from pg_stat_activity where pid = any ($1)', [pids])).rowCount);
  return () => mock.restore();
}

/** Repeats a trial with blocked notifications that returns undefined because the nodes had polled in between. */
export async function retryUntilUnheard<T>(trial: () => Promise<T | undefined>): Promise<T> {
  const outcome = (await trial()) ?? (await trial()) ?? (await trial());
  assert.ok(outcome !== undefined, 'the node had polled each time');
  return outcome;
}

let added = 0;

/** Adds an event type with a unique name by SQL. */
export async function newEventType(db: pg.Client): Promise<string> {
  const name = `typed_${process.pid}_${++added}`;
  await db.query('insert into event_types (name, label) values ($1, $1)', [name]);
  return name;
}
