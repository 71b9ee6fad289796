import { sweepTokens } from './store/access-tokens.ts';
import { sweepFailures } from './store/clients.ts';
import type { Db } from './store/database.ts';
import { sweepAnswers } from './store/idempotency-keys.ts';
import { ensurePartitions } from './store/partitions.ts';

const HOUR_MS = 3_600_000;

/** Keeps the tables that grow by time in order: partitions ahead, answers and tokens no longer than they are promised. */
export async function keepHouse(db: Db, report: (error: unknown) => void): Promise<{ stop(): void }> {
  await ensurePartitions(db);
  const timer = setInterval(() => {
    Promise.all([ensurePartitions(db), sweepAnswers(db), sweepTokens(db), sweepFailures(db)]).catch(report);
  }, HOUR_MS).unref();
  return { stop: () => clearInterval(timer) };
}
