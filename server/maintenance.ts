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

/** Keeps the tables that grow by time in order: partitions ahead, answers and tokens no longer than they are promised. */
export async function startMaintenance(
  db: Db,
  { logRetentionDays, report }: { logRetentionDays: number; report(error: unknown): void },
): Promise<{ close(): Promise<void> }> {
  const turnLog = () => rotateRequestLogPartitions(db, logRetentionDays);
  await createEventPartitions(db);
  await rotateWebhookPartitions(db);
  await turnLog();
  const timer = setInterval(() => {
    const chores = [
      createEventPartitions,
      rotateWebhookPartitions,
      turnLog,
      deleteExpiredResponses,
      deleteExpiredTokens,
      deleteExpiredClientFailures,
      deleteExpiredSessions,
      deleteExpiredKeyUses,
    ];
    Promise.all(chores.map((chore) => chore(db))).catch(report);
  }, HOUR_MS).unref();
  return { close: async () => clearInterval(timer) };
}
