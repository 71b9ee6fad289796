import type { Db } from '../database/database.ts';

const OUTCOMES = ['success', 'limited', 'rejected', 'failed', 'abandoned'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** What happened in the last 24 hours, begun with a whole bucket of ten minutes. */
export interface Figures {
  requests: number;
  /** The share of requests that were refused, limited or failed. */
  error_rate: number;
  /** Of all requests, to a fifth of the value at the worst. */
  p50_ms: number;
  p95_ms: number;
  last_ended_at: string;
}

export interface ConsumerFigures extends Figures {
  /** Null for all whom nobody knows. */
  consumer_id: string | null;
  name: string | null;
  hub: string | null;
}

export interface OperationFigures extends Figures {
  /** Null where the contract has nothing at the address. */
  operation: string | null;
  method: string | null;
  path: string | null;
}

/** What one key has in all buckets together. */
interface Counts {
  requests: number;
  errors: number;
  /** The requests in each class of durations, the shortest first. */
  durations: number[];
  last_ended_at: string;
}

const SINCE = `date_bin('10 minutes', now() - interval '24 hours', 'epoch')`;
const CLASSES = 32;

// Sums of the elements, one by one: that takes a third of the time of taking the arrays apart.
const SUMS = Array.from({ length: CLASSES }, (_, index) => `sum(durations[${index + 1}])::float8`);
const COUNTS = `
  sum(success + limited + rejected + failed + abandoned)::bigint as requests,
  sum(limited + rejected + failed)::bigint as errors,
  max(last_ended_at) as last_ended_at,
  array[${SUMS.join(', ')}] as durations`;

const NOBODY = "'00000000-0000-0000-0000-000000000000'::uuid";

/** By consumer, the busiest first, and so many at the most: percentiles are added up for no others. */
export async function consumerStatistics(db: Db, limit: number): Promise<ConsumerFigures[]> {
  const rows = await db.query<Counts & Pick<ConsumerFigures, 'consumer_id' | 'name' | 'hub'>>(
    `with busiest as materialized (
       select coalesce(consumer_id, ${NOBODY}) as id from request_counts_by_consumer
       where bucket >= ${SINCE} group by 1 order by sum(success + limited + rejected + failed + abandoned) desc limit $1
     )
     select counted.*, api_consumers.name, hubs.slug as hub
     from (select consumer_id, ${COUNTS} from request_counts_by_consumer
       where bucket >= ${SINCE} and coalesce(consumer_id, ${NOBODY}) in (select id from busiest)
       group by consumer_id) as counted
     left join api_consumers on api_consumers.id = consumer_id left join hubs on hubs.id = hub_id
     order by requests desc`,
    [limit],
    'consumer_statistics',
  );
  return rows.map(({ consumer_id, name, hub, ...counts }) => ({ consumer_id, name, hub, ...figuresOf(counts) }));
}

/** Of one consumer; undefined where there was no request. */
export async function statisticsOf(db: Db, consumerId: string): Promise<Figures | undefined> {
  const [counts] = await db.query<Counts>(
    `select ${COUNTS} from request_counts_by_consumer
     where bucket >= ${SINCE} and consumer_id = $1 having count(*) > 0`,
    [consumerId],
    'statistics_of_consumer',
  );
  return counts && figuresOf(counts);
}

/** By operation, the busiest first, and of all requests together: undefined where there was none. */
export async function operationStatistics(
  db: Db,
): Promise<{ overall: Figures | undefined; operations: OperationFigures[] }> {
  const rows = await db.query<Counts & { name: string | null; method: string | null; path: string | null }>(
    `select counted.*, name, method, path
     from (select operation, ${COUNTS} from request_counts_by_operation
       where bucket >= ${SINCE} group by operation) as counted
     left join api_operations on api_operations.id = operation
     order by requests desc`,
    [],
    'operation_statistics',
  );
  return {
    overall: rows.length > 0 ? figuresOf((rows as Counts[]).reduce(together)) : undefined,
    operations: rows.map(({ name, method, path, ...counts }) => {
      return { operation: name, method, path, ...figuresOf(counts) };
    }),
  };
}

function together(one: Counts, other: Counts): Counts {
  return {
    requests: one.requests + other.requests,
    errors: one.errors + other.errors,
    durations: one.durations.map((count, index) => count + (other.durations[index] ?? 0)),
    last_ended_at:
      Date.parse(one.last_ended_at) > Date.parse(other.last_ended_at) ? one.last_ended_at : other.last_ended_at,
  };
}

/** How many requests had which outcome in each ten minutes; a bucket without any is left out. */
export function trafficOverTime(db: Db): Promise<({ bucket: string } & Record<Outcome, number>)[]> {
  const sums = OUTCOMES.map((outcome) => `sum(${outcome})::bigint as ${outcome}`);
  return db.query(
    `select bucket, ${sums.join(', ')} from request_counts_by_operation
     where bucket >= ${SINCE} group by bucket order by bucket`,
    [],
    'traffic_over_time',
  );
}

export interface ErrorFigures {
  operation: string | null;
  status: number;
  /** The last part of the type of the problem document; null where the answer was none. */
  problem: string | null;
  requests: number;
  last_ended_at: string;
}

/** The errors that most requests met with. */
export function busiestErrors(db: Db, limit: number): Promise<ErrorFigures[]> {
  return db.query<ErrorFigures>(
    `select name as operation, status, problem, requests, last_ended_at
     from (select operation, status, problem, sum(requests)::bigint as requests, max(last_ended_at) as last_ended_at
       from request_errors where bucket >= ${SINCE} group by 1, 2, 3) as counted
     left join api_operations on api_operations.id = operation
     order by requests desc, last_ended_at desc limit $1`,
    [limit],
    'busiest_errors',
  );
}

function figuresOf({ requests, errors, durations, last_ended_at }: Counts): Figures {
  const percentile = (share: number) => percentileOf(durations, share * requests);
  return { requests, error_rate: errors / requests, p50_ms: percentile(0.5), p95_ms: percentile(0.95), last_ended_at };
}

/** Where a class begins, in milliseconds: see `ihf_duration_class`. */
const beginOf = (index: number): number => (index === 0 ? 0 : 0.256 * 2 ** ((index - 1) / 2));

/** The duration of the request with this rank, as if those of a class were spread evenly over it. */
function percentileOf(durations: readonly number[], rank: number): number {
  let below = 0;
  for (const [index, count] of durations.entries()) {
    if (count > 0 && below + count >= rank) {
      return beginOf(index) + (beginOf(index + 1) - beginOf(index)) * ((rank - below) / count);
    }
    below += count;
  }
  return Number.NaN;
}
