import type { Db } from '../database/database.ts';

/** A completed request. Omitted properties are stored as null. */
export interface LoggedRequest {
  /** On the monotonic clock of this process (`performance.now()`). */
  ended_ms: number;
  consumer_id?: string | undefined;
  key_prefix?: string | undefined;
  /** The number of the operation; omitted if the contract does not have the path. */
  operation?: number | undefined;
  method: string;
  /** Omitted if the client disconnected before the response was sent. */
  status?: number | undefined;
  duration_us: number;
  /** As counted on the connection, with headers. */
  bytes_in: number;
  bytes_out: number;
  request_id: string;
  revision: number;
  sdk?: string | undefined;
  sdk_revision?: number | undefined;
  /** The last segment of the problem document's type, if the response was one. */
  problem?: string | undefined;
  /** The other members of the problem document, redacted. */
  problem_details?: object | undefined;
}

export interface NewOperation {
  name: string;
  /** In lowercase. */
  method: string;
  path: string;
}

/** Stores new operations, and returns the numbers of all given operations by name. */
export async function numberOperations(
  db: Db,
  operations: readonly NewOperation[],
): Promise<ReadonlyMap<string, number>> {
  const values = [JSON.stringify(operations)];
  // Without the EXCEPT, each conflict would use up a number at every start.
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

/** Stores a batch with its counts in one statement. A batch that was stored before is ignored. */
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

/** Deletes the batch numbers of nodes that have not written for a day. */
export async function deleteExpiredLogWriters(db: Db): Promise<void> {
  await db.query("delete from request_log_writers where written_at < now() - interval '1 day'");
}
