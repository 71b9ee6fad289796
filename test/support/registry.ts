import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';

/**
 * Kills the connections by which the nodes of this database hear of registry changes. Each opens a new one after a
 * quarter of a second; until then it is deaf.
 */
export async function deafen(db: pg.Client): Promise<void> {
  for (let killed = 0; killed === 0; ) {
    const { rowCount } = await db.query(
      `select pg_terminate_backend(pid, 1000) from pg_stat_activity
       where datname = current_database() and query = 'listen ihf_contract' and pid <> pg_backend_pid()`,
    );
    killed = rowCount ?? 0;
    // A test before this one has left the node deaf: it listens again in a moment.
    if (killed === 0) await sleep(20);
  }
}

let added = 0;

/** Adds an event type by plain SQL, under a name of its own. */
export async function newEventType(db: pg.Client): Promise<string> {
  const name = `typed_${process.pid}_${++added}`;
  await db.query('insert into event_types (name, label) values ($1, $1)', [name]);
  return name;
}
