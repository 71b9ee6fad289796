import pg from 'pg';
import { Client, timeoutError } from './client.ts';
import { connectionConfig } from './connection-config.ts';
import { Deadline } from './deadline.ts';

export interface PoolOptions {
  /** Maximum number of connections. Default: 10. */
  connections?: number;
  /** Whether a commit waits until it is on disk. Default: true. */
  synchronousCommit?: boolean;
  /** Whether named statements are planned once for all values. Default: false. */
  genericPlans?: boolean;
  /** How long a statement may take until Postgres cancels it. Default: 4 000 ms. */
  timeoutMs?: number;
  /** The author of changes, for revisions and the audit log. Default: the database user. */
  actor?: string;
}

/** A session of Postgres 18 never generates an id before its last one, even after the clock was set back. */
const MAX_LIFETIME_SECONDS = 600;
const STATEMENT_TIMEOUT_MS = 4_000;
/** How much longer the client waits: a connection that carries the cancellation is not stalled. */
const RESPONSE_MARGIN_MS = 400;
/** A statement that takes longer than this may be on a stalled connection. */
const SLOW_MS = 1_000;
/** How long a stall is remembered after the last timeout. */
const STALL_MS = 5_000;

export type PooledClient = pg.PoolClient & Client;

/**
 * Connections to the database. Every wait for one and every statement ends in a bounded time, on the client as well: a
 * connection without a response by then is closed, since it may be stalled, and new ones may not be.
 */
export class ConnectionPool {
  readonly #pool: pg.Pool;
  readonly #timeoutMs: number;
  /** The waits of now, the oldest one first. */
  readonly #waits = new Set<Deadline>();
  /** Connections without a response since then may be stalled too. */
  #silentSince = Number.NEGATIVE_INFINITY;
  #timedOutAt = Number.NEGATIVE_INFINITY;

  constructor(url: string, options: PoolOptions) {
    const { connections = 10, synchronousCommit = true, genericPlans = false, actor } = options;
    this.#timeoutMs = options.timeoutMs ?? STATEMENT_TIMEOUT_MS;
    const config = connectionConfig(url, {
      statement_timeout: String(this.#timeoutMs),
      ...(!synchronousCommit && { synchronous_commit: 'off' }),
      ...(genericPlans && { plan_cache_mode: 'force_generic_plan' }),
      ...(actor !== undefined && { 'ihf.actor': actor }),
    });
    // The types do not say that the pool passes its configuration to the client.
    this.#pool = new pg.Pool({
      ...config,
      max: connections,
      maxLifetimeSeconds: MAX_LIFETIME_SECONDS,
      Client: Client as unknown as new () => pg.ClientBase,
    });
    // The pool replaces a connection that breaks while idle; the next statement shows whether the database is gone.
    this.#pool.on('error', () => {});
  }

  /** Whether the database has not responded for a second, or recently not at all. */
  get isStalled(): boolean {
    const [oldest] = this.#waits;
    return (oldest?.elapsedMs ?? 0) > SLOW_MS || performance.now() - this.#timedOutAt < STALL_MS;
  }

  /** Runs one statement, on any connection. */
  query<Row extends object>(query: pg.QueryConfig): Promise<Row[]> {
    return this.#bounded(async (deadline) => {
      const client = await this.#acquire(deadline);
      let failure: unknown;
      try {
        return await this.#send<Row>(client, query, deadline);
      } catch (error) {
        failure = error;
        throw error;
      } finally {
        client.release(!isStatementError(failure) && (failure as Error));
      }
    });
  }

  /** A connection for several statements, to be released by the caller. */
  connect(): Promise<PooledClient> {
    return this.#bounded((deadline) => this.#acquire(deadline));
  }

  /** Runs one statement on a connection from `connect`. */
  queryOn<Row extends object>(client: PooledClient, query: pg.QueryConfig): Promise<Row[]> {
    return this.#bounded((deadline) => this.#send<Row>(client, query, deadline));
  }

  close(): Promise<void> {
    return this.#pool.end();
  }

  /** One deadline for all that `work` waits for. */
  async #bounded<T>(work: (deadline: Deadline) => Promise<T>): Promise<T> {
    const deadline = new Deadline(this.#timeoutMs + RESPONSE_MARGIN_MS);
    this.#waits.add(deadline);
    try {
      return await work(deadline);
    } finally {
      if (deadline.isExpired) this.#timedOutAt = performance.now();
      deadline.cancel();
      this.#waits.delete(deadline);
    }
  }

  async #acquire(deadline: Deadline): Promise<PooledClient> {
    for (;;) {
      const client = await this.#nextFree(deadline);
      if (client.respondedAt >= this.#silentSince) return client;
      client.destroy(timeoutError('The connection has been closed, because another one was stalled'));
      client.release(true);
    }
  }

  #nextFree(deadline: Deadline): Promise<PooledClient> {
    return new Promise((resolve, reject) => {
      deadline.onExpire = () => reject(timeoutError(`No connection to the database was free within ${deadline.ms} ms`));
      this.#pool.connect((error, client) => {
        if (error || !client) reject(error);
        else if (deadline.isExpired) client.release();
        else resolve(client as PooledClient);
      });
    });
  }

  async #send<Row extends object>(client: PooledClient, query: pg.QueryConfig, deadline: Deadline): Promise<Row[]> {
    const sentAt = performance.now();
    deadline.onExpire = () => {
      // Without the margin it may just be slow: it had to wait for its connection first.
      if (performance.now() - sentAt > this.#timeoutMs) this.#silentSince = sentAt;
      client.destroy(timeoutError(`The database did not respond within ${deadline.ms} ms`));
    };
    try {
      return (await client.query<Row>(query)).rows;
    } finally {
      if (!deadline.isExpired) client.respondedAt = performance.now();
    }
  }
}

/** Whether the connection is as usable as before: the statement failed, or there was no failure. */
function isStatementError(failure: unknown): boolean {
  return failure === undefined || (failure instanceof pg.DatabaseError && failure.severity === 'ERROR');
}
