import type { ValidationIssue } from '../../errors.ts';
import type { Db } from '../database/database.ts';

export interface LoggedRequestSummary {
  id: string;
  ended_at: string;
  consumer_id: string | null;
  consumer: string | null;
  key_prefix: string | null;
  operation: string | null;
  path: string | null;
  method: string;
  /** Null if the client disconnected before the response was sent. */
  status: number | null;
  duration_us: number;
  bytes_in: number;
  bytes_out: number;
  request_id: string;
  revision: number;
  sdk: string | null;
  sdk_revision: number | null;
  problem: string | null;
}

export interface LoggedInFull extends LoggedRequestSummary {
  key_id: string | null;
  /** The other members of the problem document, redacted. */
  problem_details: { detail?: string; errors?: ValidationIssue[]; omitted?: number } | null;
}

export interface RequestFilters {
  consumer_id?: string | undefined;
  operation?: string | undefined;
  outcome?: string | undefined;
  problem?: string | undefined;
  /** The prefix of a key. */
  key_prefix?: string | undefined;
  request_id?: string | undefined;
  /** Only requests before the one with this id. */
  before?: string | undefined;
}

export interface RequestSearchResult {
  requests: LoggedRequestSummary[];
  /** The `before` of the next search; null at the end of the log. */
  before: string | null;
}

const COLUMNS = `log.id, ended_at, log.consumer_id, api_consumers.name as consumer, key_prefix,
  api_operations.name as operation, path, log.method, status, duration_us, bytes_in, bytes_out, request_id, revision, sdk,
  sdk_revision, problem`;
const JOINED = `left join api_consumers on api_consumers.id = log.consumer_id
  left join api_operations on api_operations.id = operation`;

const SHOWN = 50;
/** The number of requests that one search scans, so that rare matches take no longer than frequent ones. */
export const SCAN_LIMIT = 20_000;

/** The latest matching requests among the last SCAN_LIMIT; earlier ones need another search. */
export async function searchRequests(db: Db, filters: RequestFilters): Promise<RequestSearchResult> {
  const before = filters.before ?? 'ffffffff-ffff-ffff-ffff-ffffffffffff';
  const requests = await db.query<LoggedRequestSummary>(
    `select ${COLUMNS}
     from (select * from api_request_log where id < $1 order by id desc limit ${SCAN_LIMIT}) as log ${JOINED}
     where ($2::uuid is null or log.consumer_id = $2) and ($3::text is null or api_operations.name = $3)
       and ($4::text is null or ihf_outcome(status) = $4) and ($5::text is null or problem = $5)
       and ($6::text is null or request_id = $6) and ($7::text is null or key_prefix = $7)
     order by log.id desc limit ${SHOWN}`,
    [
      ...[before, filters.consumer_id, filters.operation, filters.outcome, filters.problem],
      ...[filters.request_id, filters.key_prefix],
    ].map((value) => value ?? null),
  );
  if (requests.length === SHOWN) return { requests, before: requests.at(-1)?.id ?? null };
  const [last] = await db.query<{ id: string }>(
    `select id from api_request_log where id < $1 order by id desc offset ${SCAN_LIMIT - 1} limit 1`,
    [before],
  );
  return { requests, before: last?.id ?? null };
}

/** One request, by the id of its row. */
export async function findRequest(db: Db, id: string): Promise<LoggedInFull | undefined> {
  const [request] = await db.query<LoggedInFull>(
    `select ${COLUMNS}, problem_details,
       (select id from api_keys where api_keys.consumer_id = log.consumer_id and api_keys.key_prefix = log.key_prefix
         order by id desc limit 1) as key_id
     from api_request_log as log ${JOINED} where log.id = $1`,
    [id],
  );
  return request;
}

/** The names of all logged operations. */
export async function listOperationNames(db: Db): Promise<string[]> {
  const rows = await db.query<{ name: string }>('select distinct name from api_operations order by name');
  return rows.map(({ name }) => name);
}
