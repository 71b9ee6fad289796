import { IhfError } from '../../errors.ts';
import { ConnectionPool, type PoolOptions } from './connection-pool.ts';
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
  /** Whether statements have waited for the database for more than a second, or recently in vain. */
  readonly isStalled: boolean;
  close(): Promise<void>;
}

/** One statement at a time, which may take long. */
export const MAINTENANCE_DATABASE: PoolOptions = { connections: 1, timeoutMs: 60_000 };

/** A pool of connections to the database at `url`. */
export function openDatabase(url: string, options: PoolOptions = {}): Database {
  const pool = new ConnectionPool(url, options);
  const query: Db['query'] = (text, values, name) => translated(pool.query(statement(text, values, name)));
  return {
    query,
    queryInSavepoint: query,
    transaction: (work) => transaction(pool, work),
    get isStalled() {
      return pool.isStalled;
    },
    close: () => pool.close(),
  };
}

function statement(text: string, values: readonly unknown[] = [], name?: string) {
  return { text, values: values as unknown[], ...(name && { name }) };
}

async function translated<T>(result: Promise<T>): Promise<T> {
  try {
    return await result;
  } catch (error) {
    throw translateSqlError(error);
  }
}

const TRANSACTION = { open: 'begin', keep: 'commit', undo: 'rollback' };
const SAVEPOINT = { open: 'savepoint nested', keep: 'release savepoint nested', undo: 'rollback to savepoint nested' };

async function transaction<T>(pool: ConnectionPool, work: (db: Db) => Promise<T>): Promise<T> {
  const client = await translated(pool.connect());
  let broken: Error | undefined;
  const query: Db['query'] = (text, values, name) => translated(pool.queryOn(client, statement(text, values, name)));
  const bracketed = async <R>(bracket: typeof TRANSACTION, inside: (db: Db) => Promise<R>): Promise<R> => {
    try {
      await query(bracket.open);
      const result = await inside(db);
      await query(bracket.keep);
      return result;
    } catch (error) {
      // A stalled connection would not answer a rollback either. Closing it rolls back.
      if (error instanceof IhfError && error.code === 'unavailable') broken ??= error;
      else await query(bracket.undo).catch((failure: Error) => (broken = failure));
      throw error;
    }
  };
  const db: Db = {
    query,
    queryInSavepoint: (text, values, name) => bracketed(SAVEPOINT, () => query(text, values, name)),
    transaction: (inside) => bracketed(SAVEPOINT, inside),
  };
  try {
    return await bracketed(TRANSACTION, work);
  } finally {
    // A connection that could not be rolled back must not be used again.
    client.release(broken);
  }
}
