import { deleteExpiredTokens } from './store/access/access-tokens.ts';
import { deleteExpiredKeyUses } from './store/access/key-usage.ts';
import { deleteExpiredClientFailures } from './store/access/oauth-clients.ts';
import type { Db } from './store/database/database.ts';
import { createEventPartitions } from './store/database/partitions.ts';
import { deleteExpiredResponses } from './store/interactions/idempotency-keys.ts';
import { deleteExpiredSessions } from './store/operators/sessions.ts';
import { rotateRequestLogPartitions } from './store/request-log/request-log.ts';
import { rotateWebhookPartitions } from './store/webhooks/queue.ts';

const HOUR_MS = 3_600_000;

export interface MaintenanceOptions {
  /** Days that the request log is stored. */
  retentionDays: number;
  report(error: unknown): void;
}

/**
 * Creates the partitions of the next days now and every hour, and deletes expired rows every hour. All tasks may run on
 * several processes at once.
 */
export async function startMaintenance(
  db: Db,
  { retentionDays, report }: MaintenanceOptions,
): Promise<{ close(): Promise<void> }> {
  const partitionTasks = [
    createEventPartitions,
    rotateWebhookPartitions,
    (on: Db) => rotateRequestLogPartitions(on, retentionDays),
  ];
  const expiryTasks = [
    deleteExpiredResponses,
    deleteExpiredTokens,
    deleteExpiredClientFailures,
    deleteExpiredSessions,
    deleteExpiredKeyUses,
  ];
  // Without its partition of today a node could store nothing: a failure here fails the start.
  for (const task of partitionTasks) await task(db);
  const timer = setInterval(() => {
    for (const task of [...partitionTasks, ...expiryTasks]) task(db).catch(report);
  }, HOUR_MS).unref();
  return { close: async () => clearInterval(timer) };
}
