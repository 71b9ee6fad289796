import { deleteExpiredTokens } from './store/access/access-tokens.ts';
import { deleteExpiredKeyUses } from './store/access/key-usage.ts';
import { deleteExpiredClientFailures } from './store/access/oauth-clients.ts';
import type { Db } from './store/database/database.ts';
import { EVENT_TABLES, LOG_TABLES, maintainPartitions, WEBHOOK_TABLES } from './store/database/partitions.ts';
import { deleteExpiredResponses } from './store/interactions/idempotency-keys.ts';
import { deleteExpiredSessions } from './store/operators/sessions.ts';
import { deleteExpiredLogWriters } from './store/request-log/request-log.ts';
import { deleteExpiredDeliveries, WEBHOOK_DAYS_KEPT } from './store/webhooks/queue.ts';

const HOUR_MS = 3_600_000;
/** Partitions are checked more often: a lock that was not available at once must not postpone them for an hour. */
const PARTITIONS_MS = 300_000;

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
export async function startMaintenance(
  db: Db,
  { retentionDays, report }: MaintenanceOptions,
): Promise<{ close(): Promise<void> }> {
  await createAndDropPartitions(db, retentionDays);
  const timers = [
    setInterval(() => void createAndDropPartitions(db, retentionDays).catch(report), PARTITIONS_MS),
    setInterval(() => {
      for (const task of EXPIRY_TASKS) task(db).catch(report);
    }, HOUR_MS),
  ];
  for (const timer of timers) timer.unref();
  return { close: async () => timers.forEach((timer) => void clearInterval(timer)) };
}

/** One table at a time: each call holds the locks of its table for a moment. */
async function createAndDropPartitions(db: Db, retentionDays: number): Promise<void> {
  for (const table of EVENT_TABLES) await maintainPartitions(db, table, null);
  for (const table of WEBHOOK_TABLES) await maintainPartitions(db, table, WEBHOOK_DAYS_KEPT);
  for (const table of LOG_TABLES) await maintainPartitions(db, table, retentionDays);
}
