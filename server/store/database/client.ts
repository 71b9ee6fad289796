import type { Socket } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import pg from 'pg';
import { Deadline } from './deadline.ts';

export interface ClientConfig extends pg.ClientConfig {
  /** Maximum time in milliseconds from the first packet to a session that is ready for statements. */
  connectTimeoutMs: number;
  /**
   * Settings of the session. They are set by a statement after each connect: connection poolers ignore or reject those of
   * the startup packet.
   */
  settings: Readonly<Record<string, string>>;
}

export const NO_TRANSACTION_POOLER =
  'The database URL leads to a connection pooler in transaction mode, which loses locks, notifications and settings. ' +
  'Connect to Postgres directly, or through a pooler in session mode.';

/** A stalled connection does not confirm that it closes. */
const CLOSE_TIMEOUT_MS = 2_000;
const KEEP_ALIVE_MS = 5_000;
/** The same from the side of Postgres: a node that was lost must not hold its locks until TCP gives up. */
const KEEP_ALIVE_SETTINGS = { tcp_keepalives_idle: '5', tcp_keepalives_interval: '2', tcp_keepalives_count: '3' };

/** The names are qualified, because the search path is one of the settings. */
const settingsBy = (value: string) => `
  select pg_catalog.pg_backend_pid() as backend, pg_catalog.json_object_agg(key, ${value})::text as settings
  from pg_catalog.json_each_text($1)`;
const APPLY_SETTINGS = settingsBy('pg_catalog.set_config(key, value, false)');
const READ_SETTINGS = settingsBy('pg_catalog.current_setting(key)');

export function timeoutError(message: string): Error {
  return Object.assign(new Error(message), { code: 'ETIMEDOUT' });
}

/** A connection with its settings, whose opening and closing end in a bounded time, also if the other side is silent. */
export class Client extends pg.Client {
  readonly #config: ClientConfig;
  /** Time of the monotonic clock at which Postgres last completed a statement. */
  respondedAt = 0;

  constructor(config: ClientConfig) {
    super({ keepAlive: true, keepAliveInitialDelayMillis: KEEP_ALIVE_MS, ...config });
    this.#config = config;
    // Without a listener, a connection that breaks while no statement runs would end the process.
    this.on('error', () => {});
  }

  override connect(): Promise<this>;
  override connect(callback: (error: Error) => void): void;
  override connect(callback?: (error: Error) => void): Promise<this> | undefined {
    const connected = this.#connect();
    if (!callback) return connected;
    connected.then(() => callback(null as unknown as Error), callback);
    return undefined;
  }

  override end(): Promise<void>;
  override end(callback: (error: Error) => void): void;
  override end(callback?: (error: Error) => void): Promise<void> | undefined {
    const deadline = this.#limit(CLOSE_TIMEOUT_MS, 'The connection to the database did not close');
    const ended = super.end().finally(() => deadline.cancel());
    if (!callback) return ended;
    ended.then(() => callback(null as unknown as Error), callback);
    return undefined;
  }

  /** Runs one statement; closes the connection if it takes longer. */
  async queryWithin<Row extends pg.QueryResultRow>(ms: number, text: string, values: unknown[] = []): Promise<Row[]> {
    const deadline = this.#limit(ms, 'The database did not respond');
    try {
      return (await this.query<Row>(text, values)).rows;
    } finally {
      deadline.cancel();
    }
  }

  /** Sets the settings as after the connect, whatever statements have changed. */
  async resetSettings(): Promise<void> {
    await this.query('reset all');
    await this.#applySettings();
  }

  /** Closes the connection at once, without waiting for the other side. Running statements fail with the error. */
  destroy(error: Error): void {
    (this as unknown as { connection: { stream: Socket } }).connection.stream.destroy(error);
  }

  async #connect(): Promise<this> {
    const place = `${this.host}:${this.port}`;
    const deadline = this.#limit(this.#config.connectTimeoutMs, `The database at ${place} did not accept a connection`);
    try {
      await super.connect();
      await this.#applySettings();
    } catch (error) {
      this.destroy(error as Error);
      throw error;
    } finally {
      deadline.cancel();
    }
    this.respondedAt = performance.now();
    return this;
  }

  /** @throws Error if the next statement runs in another session: a pooler in transaction mode loses the settings. */
  async #applySettings(): Promise<void> {
    const values = [JSON.stringify({ ...KEEP_ALIVE_SETTINGS, ...this.#config.settings })];
    const applied = await this.query(APPLY_SETTINGS, values);
    const current = await this.query(READ_SETTINGS, values);
    if (isDeepStrictEqual(applied.rows, current.rows)) return;
    throw new Error(`The connection has lost its settings between two statements. ${NO_TRANSACTION_POOLER}`);
  }

  #limit(ms: number, problem: string): Deadline {
    return new Deadline(ms, () => this.destroy(timeoutError(`${problem} within ${ms / 1000} s`)));
  }
}
