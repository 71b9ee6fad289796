import { sweepTokens } from './store/access-tokens.ts';
import { sweepFailures } from './store/clients.ts';
import type { Db } from './store/database.ts';
import { sweepAnswers } from './store/idempotency-keys.ts';
import { ensurePartitions } from './store/partitions.ts';
import { turnWebhookPartitions } from './store/webhook-queue.ts';

const HOUR_MS = 3_600_000;

/** Keeps the tables that grow by time in order: partitions ahead, answers and tokens no longer than they are promised. */
export async function keepHouse(db: Db, report: (error: unknown) => void): Promise<{ stop(): void }> {
  await ensurePartitions(db);
  await turnWebhookPartitions(db);
  const timer = setInterval(() => {
    const chores = [ensurePartitions, turnWebhookPartitions, sweepAnswers, sweepTokens, sweepFailures];
    Promise.all(chores.map((chore) => chore(db))).catch(report);
  }, HOUR_MS).unref();
  return { stop: () => clearInterval(timer) };
}
