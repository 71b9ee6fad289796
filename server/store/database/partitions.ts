import type { Db } from './database.ts';

/** The tables that the migrations partition by time. */
export const EVENT_TABLES = ['interaction_events'] as const;
export const WEBHOOK_TABLES = ['webhook_messages', 'webhook_attempts'] as const;
export const LOG_TABLES = [
  'api_request_log',
  'request_counts_by_consumer',
  'request_counts_by_operation',
  'request_errors',
] as const;
export type PartitionedTable = (typeof EVENT_TABLES | typeof WEBHOOK_TABLES | typeof LOG_TABLES)[number];

/**
 * Creates the partitions of the coming days or months, drops those that are older, and gives rows of a time that had none
 * a partition.
 * @param daysKept null drops none.
 * @returns false if there is more to do: another node is doing it, or a lock was not available.
 */
export async function maintainPartitions(db: Db, table: PartitionedTable, daysKept: number | null): Promise<boolean> {
  for (;;) {
    const [row] = await db.query<{ todo: 'done' | 'continue' | 'busy' }>(
      'select ihf_maintain_partitions($1, $2) as todo',
      [table, daysKept],
    );
    if (row?.todo !== 'continue') return row?.todo === 'done';
  }
}
