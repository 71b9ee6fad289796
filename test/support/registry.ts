import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import pg from 'pg';

const LISTEN = 'listen ihf_contract';

/**
 * Makes the nodes of this database deaf to registry changes until the answer is called, or the test ends. What they ask
 * for they still learn, and every five seconds they ask by themselves: see `unheard`.
 */
export async function deafen(test: TestContext, db: pg.Client): Promise<() => void> {
  const { query } = pg.Client.prototype as unknown as { query(...parameters: unknown[]): Promise<unknown> };
  // The nodes live in this process: whoever has lost his connection finds that he cannot listen on the next one.
  const { mock } = test.mock.method(pg.Client.prototype, 'query', function (this: pg.Client, ...parameters: unknown[]) {
    return parameters[0] === LISTEN ? Promise.reject(new Error('deaf')) : query.apply(this, parameters);
  });
  const listeners =
    'select pid, pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query = $1';
  const { rows } = await db.query(listeners, [LISTEN]);
  const pids = rows.map(({ pid }) => pid);
  while ((await db.query('select from pg_stat_activity where pid = any ($1)', [pids])).rowCount);
  return () => mock.restore();
}

/** Makes a trial with deaf nodes, and once more if it answers nothing because the nodes had asked by themselves. */
export async function unheard<T>(trial: () => Promise<T | undefined>): Promise<T> {
  const outcome = (await trial()) ?? (await trial()) ?? (await trial());
  assert.ok(outcome !== undefined, 'the node had heard of it each time');
  return outcome;
}

let added = 0;

/** Adds an event type by plain SQL, under a name of its own. */
export async function newEventType(db: pg.Client): Promise<string> {
  const name = `typed_${process.pid}_${++added}`;
  await db.query('insert into event_types (name, label) values ($1, $1)', [name]);
  return name;
}
