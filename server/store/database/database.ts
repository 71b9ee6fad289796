import pg from 'pg';
import { IhfError } from '../../errors.ts';
import { withoutOptions } from './owner-config.ts';
import { translateSqlError } from './sql-errors.ts';

/** Runs one statement. Values are always parameters. */
export interface Db {
  query<Row extends object>(text: string, values?: readonly unknown[], name?: string): Promise<Row[]>;
  /** Like `query`, for a statement that may fail: the current transaction, if any, continues without it. */
  queryInSavepoint<Row extends object>(text: string, values?: readonly unknown[], name?: string): Promise<Row[]>;
  /** Runs `work` in a transaction, or in a savepoint of the current one: all of its changes are made, or none. */
  transaction<T>(work: (db: Db) => Promise<T>): Promise<T>;
}

export interface Database extends Db {
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** Maximum number of connections. Default: 10. */
  connections?: number;
  /** Whether a commit waits until it is on disk. Default: true. */
  synchronousCommit?: boolean;
  /** Whether named statements are planned once for all values. Default: false. */
  genericPlans?: boolean;
  /**
   * How long a statement may take. A connection that has not responded by then is closed: it may be stalled, and a new one
   * may not be. Default: 4 500 ms.
   */
  timeoutMs?: number;
  /** The author of changes, for revisions and the audit log. Default: the database user. */
  actor?: string;
}

/** One statement at a time, which may take long. */
export const MAINTENANCE_DATABASE: DatabaseOptions = { connections: 1, timeoutMs: 60_000 };

const TIMESTAMPTZ = 1184;
const INT8 = 20;

/**
 * Postgres prints as many of six decimals as a time has; the API has three, always. Truncated and not rounded, so that a
 * filter `since` with the result includes the row.
 */
function toIsoTime(text: string): string {
  const [, day, time, fraction = ''] = /^(.+) (.{8})(?:\.(\d+))?\+00$/.exec(text) ?? [];
  return day === undefined ? text : `${day}T${time}.${fraction.slice(0, 3).padEnd(3, '0')}Z`;
}

const types = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
    if (oid === TIMESTAMPTZ) return toIsoTime;
    if (oid === INT8) return Number;
    return pg.types.getTypeParser(oid, format as 'text');
  }) as typeof pg.types.getTypeParser,
};

/**
 * Also how long a statement waits for a free connection. The driver's timers run on the event loop: shorter ones fail
 * statements that were answered while it was busy.
 */
const CONNECT_TIMEOUT_MS = 4_000;
const STATEMENT_TIMEOUT_MS = 4_500;
const KEEP_ALIVE_MS = 5_000;
/** A session of Postgres 18 never generates an id before its last one, even after the clock was set back. */
const MAX_LIFETIME_SECONDS = 600;
/** A node that was lost in a transaction must not hold its locks until TCP gives up. */
const IDLE_IN_TRANSACTION_MS = 10_000;

/** The settings of every connection: the role that owns nothing, and UTC. */
export function connectionConfig(url: string): pg.ClientConfig {
  return {
    connectionString: withoutOptions(url),
    // Set here and not taken from the user's or the database's defaults: names resolve in one schema, and times have one form.
    options:
      '-c role=ihf_app -c search_path=public -c timezone=UTC -c datestyle=ISO -c intervalstyle=postgres ' +
      // Each list has an index in its order. Where Postgres expects few rows, because it does not know that the filters
      // depend on each other, it would read all of them through a bitmap and sort them.
      '-c enable_bitmapscan=off ' +
      '-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    application_name: 'ihf-hub',
    types,
  };
}

/** A pool of connections to the database at `url`. */
export function openDatabase(url: string, wanted: DatabaseOptions = {}): Database {
  const { connections = 10, synchronousCommit = true, genericPlans = false, actor } = wanted;
  const { timeoutMs = STATEMENT_TIMEOUT_MS } = wanted;
  const config = connectionConfig(url);
  const options = [
    config.options,
    ...(synchronousCommit ? [] : ['-c synchronous_commit=off']),
    ...(genericPlans ? ['-c plan_cache_mode=force_generic_plan'] : []),
    ...(actor === undefined ? [] : [`-c ihf.actor=${actor.replaceAll(/[\\\s]/g, '\\$&')}`]),
  ].join(' ');
  const timeouts = { statement_timeout: timeoutMs, query_timeout: timeoutMs };
  const pool = new pg.Pool({
    ...config,
    ...timeouts,
    options,
    max: connections,
    maxLifetimeSeconds: MAX_LIFETIME_SECONDS,
  });
  // The pool replaces a connection that breaks while idle; the next statement shows whether the database is gone.
  pool.on('error', () => {});
  // Without a listener, a connection that breaks between two statements of a transaction would end the process.
  pool.on('connect', (client) => client.on('error', () => {}));
  return {
    query: (text, values, name) => run(pool, text, values, name),
    queryInSavepoint: (text, values, name) => run(pool, text, values, name),
    transaction: (work) => transaction(pool, work),
    close: () => pool.end(),
  };
}

async function run<Row extends object>(
  on: pg.Pool | pg.PoolClient,
  text: string,
  values: readonly unknown[] = [],
  name?: string,
): Promise<Row[]> {
  try {
    const result = await on.query<Row>({ text, values: values as unknown[], ...(name && { name }) });
    return result.rows;
  } catch (error) {
    throw translateSqlError(error);
  }
}

const TRANSACTION = { open: 'begin', keep: 'commit', undo: 'rollback' };
const SAVEPOINT = { open: 'savepoint nested', keep: 'release savepoint nested', undo: 'rollback to savepoint nested' };

async function transaction<T>(pool: pg.Pool, work: (db: Db) => Promise<T>): Promise<T> {
  const client = await pool.connect().catch((error) => {
    throw translateSqlError(error);
  });
  let broken: Error | undefined;
  const bracketed = async <R>(bracket: typeof TRANSACTION, inside: (db: Db) => Promise<R>): Promise<R> => {
    try {
      await run(client, bracket.open);
      const result = await inside(db);
      await run(client, bracket.keep);
      return result;
    } catch (error) {
      // A stalled connection would not answer a rollback either. Closing it rolls back.
      if (error instanceof IhfError && error.code === 'unavailable') broken ??= error;
      else await client.query(bracket.undo).catch((failure: Error) => (broken = failure));
      throw error;
    }
  };
  const db: Db = {
    query: (text, values, name) => run(client, text, values, name),
    queryInSavepoint: (text, values, name) => bracketed(SAVEPOINT, () => run(client, text, values, name)),
    transaction: (inside) => bracketed(SAVEPOINT, inside),
  };
  try {
    return await bracketed(TRANSACTION, work);
  } finally {
    // A connection that could not be rolled back must not be used again.
    client.release(broken);
  }
}
