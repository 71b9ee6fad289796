import type { Db } from '../database/database.ts';

/** A request that is over, as the log keeps it: null where something is left out, which also need not be sent. */
export interface LoggedRequest {
  /** On this process's own clock, as `performance.now()` tells it. */
  ended_ms: number;
  consumer_id?: string | undefined;
  key_prefix?: string | undefined;
  /** The number of the operation; left out where the contract has nothing at the address. */
  operation?: number | undefined;
  method: string;
  /** Left out where the caller hung up before the answer was out. */
  status?: number | undefined;
  duration_us: number;
  /** As counted on the connection: headers and all. */
  bytes_in: number;
  bytes_out: number;
  request_id: string;
  revision: number;
  sdk?: string | undefined;
  sdk_revision?: number | undefined;
  /** The last part of the type of the problem document, if the answer was one. */
  problem?: string | undefined;
  /** The other members of the problem document, redacted. */
  problem_details?: object | undefined;
}

export interface NewOperation {
  name: string;
  /** In lower case. */
  method: string;
  path: string;
}

/** Writes down the operations that are new here, and answers with the numbers of all of them by name. */
export async function numberOperations(
  db: Db,
  operations: readonly NewOperation[],
): Promise<ReadonlyMap<string, number>> {
  const values = [JSON.stringify(operations)];
  // Asked for first: a conflict would use up a number at every start.
  await db.query(
    `insert into api_operations (name, method, path)
     select * from json_to_recordset($1) as operation (name text, method text, path text)
     except select name, method, path from api_operations
     on conflict do nothing`,
    values,
  );
  const rows = await db.query<{ id: number; name: string }>(
    `select id, name from api_operations
     join json_to_recordset($1) as operation (name text, method text, path text) using (name, method, path)`,
    values,
  );
  return new Map(rows.map(({ name, id }) => [name, id]));
}

/** Writes a batch, with its counts, in one statement; a batch that was written before is left alone. */
export async function writeRequests(
  db: Db,
  writer: string,
  batch: number,
  requests: readonly LoggedRequest[],
): Promise<void> {
  const now = performance.now();
  const rows = requests.map(({ ended_ms, ...request }) => ({ age_ms: Math.round(now - ended_ms), ...request }));
  await db.query('select ihf_log_requests($1, $2, $3)', [writer, batch, JSON.stringify(rows)], 'log_requests');
}

const DAYS_AHEAD = 3;

/** Makes the partitions of the coming days and drops those that are too old. */
export async function rotateRequestLogPartitions(db: Db, daysKept: number): Promise<void> {
  await db.query('select ihf_rotate_request_log_partitions($1, $2)', [DAYS_AHEAD, daysKept]);
}
