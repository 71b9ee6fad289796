import type { Db } from '../database/database.ts';

const OUTCOMES = ['success', 'limited', 'rejected', 'failed', 'abandoned'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** The requests of the last 24 hours, from the start of a bucket of ten minutes. */
export interface Figures {
  requests: number;
  /** The share of requests that were rejected, limited or failed. */
  error_rate: number;
  /** Percentiles of all requests, accurate to 20 %. */
  p50_ms: number;
  p95_ms: number;
  last_ended_at: string;
}

export interface ConsumerFigures extends Figures {
  /** Null for unauthenticated requests. */
  consumer_id: string | null;
  name: string | null;
  hub: string | null;
}

export interface OperationFigures extends Figures {
  /** Null if the contract does not have the path. */
  operation: string | null;
  method: string | null;
  path: string | null;
}

/** The sum of all buckets for one consumer or operation. */
interface Counts {
  requests: number;
  errors: number;
  /** The requests in each class of durations, the shortest first. */
  durations: number[];
  last_ended_at: string;
}

const SINCE = `date_bin('10 minutes', now() - interval '24 hours', 'epoch')`;
const CLASSES = 32;

// One sum per element takes a third of the time of unnesting the arrays.
const SUMS = Array.from({ length: CLASSES }, (_, index) => `sum(durations[${index + 1}])::float8`);
const COUNTS = `
  sum(success + limited + rejected + failed + abandoned)::bigint as requests,
  sum(limited + rejected + failed)::bigint as errors,
  max(last_ended_at) as last_ended_at,
  array[${SUMS.join(', ')}] as durations`;

const NO_CONSUMER = "'00000000-0000-0000-0000-000000000000'::uuid";

/** By consumer, the busiest first, at most `limit`: percentiles of the others are not computed. */
export async function consumerStatistics(db: Db, limit: number): Promise<ConsumerFigures[]> {
  const rows = await db.query<Counts & Pick<ConsumerFigures, 'consumer_id' | 'name' | 'hub'>>(
    `with busiest as materialized (
       select coalesce(consumer_id, ${NO_CONSUMER}) as id from request_counts_by_consumer
       where bucket >= ${SINCE} group by 1 order by sum(success + limited + rejected + failed + abandoned) desc limit $1
     )
     select counted.*, api_consumers.name, hubs.slug as hub
     from (select consumer_id, ${COUNTS} from request_counts_by_consumer
       where bucket >= ${SINCE} and coalesce(consumer_id, ${NO_CONSUMER}) in (select id from busiest)
       group by consumer_id) as counted
     left join api_consumers on api_consumers.id = consumer_id left join hubs on hubs.id = hub_id
     order by requests desc`,
    [limit],
    'consumer_statistics',
  );
  return rows.map(({ consumer_id, name, hub, ...counts }) => ({ consumer_id, name, hub, ...figuresOf(counts) }));
}

/** The statistics of one consumer; undefined if it sent no request. */
export async function statisticsOf(db: Db, consumerId: string): Promise<Figures | undefined> {
  const [counts] = await db.query<Counts>(
    `select ${COUNTS} from request_counts_by_consumer
     where bucket >= ${SINCE} and consumer_id = $1 having count(*) > 0`,
    [consumerId],
    'statistics_of_consumer',
  );
  return counts && figuresOf(counts);
}

/** By operation, the busiest first, and of all requests together: undefined if there was none. */
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

/** The number of requests by outcome in each bucket of ten minutes. Empty buckets are omitted. */
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
  /** The last segment of the problem document's type; null if the response was none. */
  problem: string | null;
  requests: number;
  last_ended_at: string;
}

/** The most frequent errors. */
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

/** The lower bound of a class in milliseconds, see `ihf_duration_class`. */
const beginOf = (index: number): number => (index === 0 ? 0 : 0.256 * 2 ** ((index - 1) / 2));

/** The duration of the request with this rank, assuming an even distribution within its class. */
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
