import { deleteExpiredTokens } from './store/access/access-tokens.ts';
import { deleteExpiredKeyUses } from './store/access/key-usage.ts';
import { deleteExpiredClientFailures } from './store/access/oauth-clients.ts';
import { readClock } from './store/database/clock.ts';
import type { Db } from './store/database/database.ts';
import { EVENT_TABLES, LOG_TABLES, maintainPartitions, WEBHOOK_TABLES } from './store/database/partitions.ts';
import { deleteExpiredResponses } from './store/interactions/idempotency-keys.ts';
import { deleteExpiredSessions } from './store/operators/sessions.ts';
import { deleteExpiredLogWriters } from './store/request-log/request-log.ts';
import { advancePostponedDeliveries, deleteExpiredDeliveries, WEBHOOK_DAYS_KEPT } from './store/webhooks/queue.ts';

const HOUR_MS = 3_600_000;
/** Partitions are checked more often: a lock that was not available at once must not postpone them for an hour. */
const PARTITIONS_MS = 300_000;
const MAX_CLOCK_DIFFERENCE_MS = 24 * HOUR_MS;

export interface MaintenanceOptions {
  /** Days that the request log is stored. */
  retentionDays: number;
  report(error: unknown): void;
}

const EXPIRY_TASKS = [
  deleteExpiredResponses,
  deleteExpiredTokens,
  deleteExpiredClientFailures,
  deleteExpiredSessions,
  deleteExpiredKeyUses,
  deleteExpiredDeliveries,
  deleteExpiredLogWriters,
];

/**
 * Creates and drops partitions now and every few minutes, and deletes expired rows every hour. All tasks may run on
 * several nodes at once.
 */
export function startMaintenance(db: Db, options: MaintenanceOptions): { close(): Promise<void> } {
  let isClosed = false;
  const run = (work: typeof deleteExpired) => async () => {
    await work(db, options).catch((error) => {
      // Closing the database interrupts it.
      if (!isClosed) options.report(error);
    });
  };
  const maintain = run(createAndDropPartitions);
  const timers = [setInterval(maintain, PARTITIONS_MS), setInterval(run(deleteExpired), HOUR_MS)];
  for (const timer of timers) timer.unref();
  // Not awaited: requests do not need it, and after months without maintenance it can take minutes.
  void maintain();
  return {
    close: async () => {
      isClosed = true;
      for (const timer of timers) clearInterval(timer);
    },
  };
}

/** One table at a time: each call holds the locks of its table for a moment. */
async function createAndDropPartitions(db: Db, { retentionDays, report }: MaintenanceOptions): Promise<void> {
  const drops = await canDelete(db, report);
  for (const table of EVENT_TABLES) await maintainPartitions(db, table, null);
  for (const table of WEBHOOK_TABLES) await maintainPartitions(db, table, drops ? WEBHOOK_DAYS_KEPT : null);
  for (const table of LOG_TABLES) await maintainPartitions(db, table, drops ? retentionDays : null);
}

async function deleteExpired(db: Db, { report }: MaintenanceOptions): Promise<void> {
  await advancePostponedDeliveries(db);
  if (!(await canDelete(db, report))) return;
  for (const task of EXPIRY_TASKS) await task(db).catch(report);
}

/** Whether the clocks agree. If one of them is days ahead, what has expired by it may not have expired. */
async function canDelete(db: Db, report: MaintenanceOptions['report']): Promise<boolean> {
  const [database, node] = [await readClock(db), new Date()];
  if (Math.abs(database.getTime() - node.getTime()) <= MAX_CLOCK_DIFFERENCE_MS) return true;
  const clocks = `The clock of the database shows ${database.toISOString()}, that of this node ${node.toISOString()}`;
  report(new Error(`${clocks}. Correct the wrong one. Until then, nothing that has expired is deleted.`));
  return false;
}
