import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';

/**
 * Kills the connections by which the nodes of this database hear of registry changes. Each opens a new one after a
 * quarter of a second; until then it is deaf.
 */
export async function deafen(db: pg.Client): Promise<void> {
  const listeners = `select pid, pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and query = 'listen ihf_contract'`;
  // A test before this one may have left the nodes deaf: they listen again in a moment.
  let pids: number[] = [];
  for (; pids.length === 0; await sleep(5)) pids = (await db.query(listeners)).rows.map(({ pid }) => pid);
  // All at once, so that none is back before the last one is gone.
  while ((await db.query('select from pg_stat_activity where pid = any ($1)', [pids])).rowCount);
}

let added = 0;

/** Adds an event type by plain SQL, under a name of its own. */
export async function newEventType(db: pg.Client): Promise<string> {
  const name = `typed_${process.pid}_${++added}`;
  await db.query('insert into event_types (name, label) values ($1, $1)', [name]);
  return name;
}
