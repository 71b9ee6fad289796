import type { Db } from './database.ts';

export type Outcome = 'success' | 'limited' | 'refused' | 'failed' | 'abandoned';

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

/** A key of a table of counts, and what it has in each class of durations. */
interface Counts {
  requests: number;
  errors: number;
  classes: number[];
  counts: number[];
  last_ended_at: string;
}

const SINCE = `date_bin('10 minutes', now() - interval '24 hours', 'epoch')`;
const ERRORS = ['limited', 'refused', 'failed'];

/** The sums of $key over the last 24 hours, each duration class apart. */
const countsBy = (table: string, key: string, outcome: string): string => `
  with class as (
    select ${key}, duration_class, sum(requests)::bigint as requests,
      coalesce(sum(requests) filter (where ${outcome} = any ($1)), 0)::bigint as errors,
      max(last_ended_at) as last_ended_at
    from ${table} where bucket >= ${SINCE} group by ${key}, duration_class
  )
  select ${key}, sum(requests)::bigint as requests, sum(errors)::bigint as errors, max(last_ended_at) as last_ended_at,
    array_agg(duration_class order by duration_class) as classes,
    array_agg(requests::float8 order by duration_class) as counts
  from class group by ${key}`;

/** Of all requests; undefined where there was none. */
export async function overallStatistics(db: Db): Promise<Figures | undefined> {
  const [counts] = await db.query<Counts>(
    `with class as (
       select duration_class, sum(requests)::bigint as requests,
         coalesce(sum(requests) filter (where outcome = any ($1)), 0)::bigint as errors, max(last_ended_at) as last_ended_at
       from request_counts_by_consumer where bucket >= ${SINCE} group by duration_class
     )
     select sum(requests)::bigint as requests, sum(errors)::bigint as errors, max(last_ended_at) as last_ended_at,
       array_agg(duration_class order by duration_class) as classes,
       array_agg(requests::float8 order by duration_class) as counts
     from class having count(*) > 0`,
    [ERRORS],
    'overall_statistics',
  );
  return counts && figuresOf(counts);
}

/** By consumer, the busiest first. */
export async function consumerStatistics(db: Db): Promise<ConsumerFigures[]> {
  const rows = await db.query<Counts & Pick<ConsumerFigures, 'consumer_id' | 'name' | 'hub'>>(
    `select counted.*, api_consumers.name, hubs.slug as hub
     from (${countsBy('request_counts_by_consumer', 'consumer_id', 'outcome')}) as counted
     left join api_consumers on api_consumers.id = consumer_id left join hubs on hubs.id = hub_id
     order by requests desc`,
    [ERRORS],
    'consumer_statistics',
  );
  return rows.map(({ consumer_id, name, hub, ...counts }) => ({ consumer_id, name, hub, ...figuresOf(counts) }));
}

/** By operation, the busiest first. */
export async function operationStatistics(db: Db): Promise<OperationFigures[]> {
  const rows = await db.query<Counts & { name: string | null; method: string | null; path: string | null }>(
    `select counted.*, name, method, path
     from (${countsBy('request_counts_by_operation', 'operation', 'ihf_outcome(status)')}) as counted
     left join api_operations on api_operations.id = operation
     order by requests desc`,
    [ERRORS],
    'operation_statistics',
  );
  return rows.map(({ name, method, path, ...counts }) => ({ operation: name, method, path, ...figuresOf(counts) }));
}

/** How many requests had which outcome in each ten minutes; a bucket without any is left out. */
export function trafficOverTime(db: Db): Promise<({ bucket: string } & Record<Outcome, number>)[]> {
  const columns = ['success', 'limited', 'refused', 'failed', 'abandoned'].map(
    (outcome) => `coalesce(sum(requests) filter (where outcome = '${outcome}'), 0)::bigint as ${outcome}`,
  );
  return db.query(
    `select bucket, ${columns.join(', ')}
     from (select bucket, ihf_outcome(status) as outcome, sum(requests) as requests
       from request_counts_by_operation where bucket >= ${SINCE} group by 1, 2) as counted
     group by bucket order by bucket`,
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
       from request_counts_by_operation where bucket >= ${SINCE} and status >= 400 group by 1, 2, 3) as counted
     left join api_operations on api_operations.id = operation
     order by requests desc, last_ended_at desc limit $1`,
    [limit],
    'busiest_errors',
  );
}

function figuresOf({ requests, errors, classes, counts, last_ended_at }: Counts): Figures {
  const percentile = (share: number) => percentileOf(classes, counts, share * requests);
  return { requests, error_rate: errors / requests, p50_ms: percentile(0.5), p95_ms: percentile(0.95), last_ended_at };
}

/** The duration of the request with this rank, as if those of a class were spread evenly over it. */
function percentileOf(classes: readonly number[], counts: readonly number[], rank: number): number {
  let below = 0;
  for (const [index, count] of counts.entries()) {
    if (below + count >= rank) {
      const begin = 2 ** ((classes[index] ?? 0) / 2);
      return (begin + begin * (Math.SQRT2 - 1) * ((rank - below) / count)) / 1000;
    }
    below += count;
  }
  return Number.NaN;
}
