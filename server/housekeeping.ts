import { sweepTokens } from './store/access-tokens.ts';
import { sweepFailures } from './store/clients.ts';
import type { Db } from './store/database.ts';
import { sweepAnswers } from './store/idempotency-keys.ts';
import { sweepKeyUses } from './store/key-uses.ts';
import { sweepOperators } from './store/operator-sessions.ts';
import { ensurePartitions } from './store/partitions.ts';
import { turnRequestLog } from './store/request-log.ts';
import { turnWebhookPartitions } from './store/webhook-queue.ts';

const HOUR_MS = 3_600_000;

/** Keeps the tables that grow by time in order: partitions ahead, answers and tokens no longer than they are promised. */
export async function keepHouse(
  db: Db,
  { logRetentionDays, report }: { logRetentionDays: number; report(error: unknown): void },
): Promise<{ close(): Promise<void> }> {
  const turnLog = () => turnRequestLog(db, logRetentionDays);
  await ensurePartitions(db);
  await turnWebhookPartitions(db);
  await turnLog();
  const timer = setInterval(() => {
    const chores = [
      ensurePartitions,
      turnWebhookPartitions,
      turnLog,
      sweepAnswers,
      sweepTokens,
      sweepFailures,
      sweepOperators,
      sweepKeyUses,
    ];
    Promise.all(chores.map((chore) => chore(db))).catch(report);
  }, HOUR_MS).unref();
  return { close: async () => clearInterval(timer) };
}
