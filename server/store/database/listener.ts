import pg from 'pg';
import { Client, timeoutError } from './client.ts';
import { connectionConfig } from './connection-config.ts';

const RECONNECT_MS = 100;
/** A connection can break without a signal, and its notifications with it: subscribers then find out by this poll. */
const POLL_MS = 5_000;
/** A stalled connection gives no signal either: it is asked for a response, and replaced if it gives none. */
const HEARTBEAT_MS = 2_000;
const HEARTBEAT_TIMEOUT_MS = 2_000;
/** A step of the setup may wait for a lock, but not for ever for a connection that has stalled. */
const SETUP_TIMEOUT_MS = 10_000;

/** The first row of a statement that was run on the current connection; undefined while there is no connection. */
export interface Held<Row> {
  readonly row: Row | undefined;
}

/**
 * The one connection per process that listens for notifications. It also holds what must end with the process, such as
 * advisory locks. It reconnects by itself, and then listens and holds the same again.
 */
export class Listener {
  readonly #url: string;
  readonly #poll: NodeJS.Timeout;
  readonly #heartbeat: NodeJS.Timeout;
  readonly #subscribers = new Map<string, (() => void)[]>();
  /** What a new connection runs before it counts as connected, in the order of registration. */
  readonly #setup: ((client: Client) => Promise<void>)[] = [];
  #client: Client | undefined;
  /** Connected, but not set up yet. */
  #pending: Client | undefined;
  #connecting: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  /** @param options.pollMs how often subscribers are called without a notification. Default: 5 000. */
  constructor(url: string, { pollMs = POLL_MS }: { pollMs?: number } = {}) {
    this.#url = url;
    this.#poll = setInterval(() => this.#callAll(), pollMs).unref();
    this.#heartbeat = setInterval(() => void this.#checkConnection(), HEARTBEAT_MS).unref();
  }

  /** Whether notifications arrive at this moment. */
  get connected(): boolean {
    return this.#client !== undefined;
  }

  /** Connects. A failed attempt is repeated in the background. */
  start(): Promise<void> {
    this.#connecting = this.#connect().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  /**
   * Calls `onNotify` on each notification of a channel, after each connect (notifications sent before it are lost), and
   * with every poll. It must not throw. Resolves when the current connection listens.
   */
  async on(channel: string, onNotify: () => void): Promise<void> {
    const subscribers = this.#subscribers.get(channel);
    if (subscribers) subscribers.push(onNotify);
    else {
      this.#subscribers.set(channel, [onNotify]);
      await this.#add(async (client) => void (await client.query(`listen ${pg.escapeIdentifier(channel)}`)));
    }
    if (this.connected) onNotify();
  }

  /**
   * Runs a statement on the current and on every later connection, to hold something for as long as the connection
   * lasts, such as an advisory lock. Resolves when the current connection holds it.
   */
  async hold<Row extends object>(statement: pg.QueryConfig | string): Promise<Held<Row>> {
    const held: { client?: Client; row?: Row | undefined } = {};
    await this.#add(async (client) => {
      const { rows } = await client.query<Row>(statement);
      held.client = client;
      held.row = rows[0];
    });
    const current = () => (this.#client !== undefined && this.#client === held.client ? held.row : undefined);
    return {
      get row() {
        return current();
      },
    };
  }

  /** Replaces a connection that the server has ended without the client noticing. */
  reconnect(): void {
    this.#client?.destroy(timeoutError('The session has ended'));
  }

  async #checkConnection(): Promise<void> {
    // What follows an error is an 'end'.
    await this.#client?.queryWithin(HEARTBEAT_TIMEOUT_MS, 'select 1').catch(() => {});
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#poll);
    clearInterval(this.#heartbeat);
    clearTimeout(this.#retry);
    // Without this a statement of the setup that waits for a lock would keep the process alive.
    this.#pending?.destroy(timeoutError('The node is stopping'));
    await this.#connecting;
    await this.#client?.end().catch(() => {});
  }

  async #connect(): Promise<void> {
    const config = connectionConfig(this.#url);
    const client = new Client({
      ...config,
      query_timeout: SETUP_TIMEOUT_MS,
      application_name: `${config.application_name} listener`,
    });
    client.on('notification', ({ channel }) => this.#call(channel));
    this.#pending = client;
    try {
      await client.connect();
      // A step that is added while an earlier one runs is run as well.
      for (const step of this.#setup) await step(client);
    } catch {
      void client.end().catch(() => {});
      this.#reconnect();
      return;
    } finally {
      this.#pending = undefined;
    }
    if (this.#closed) return client.end();
    this.#client = client;
    client.once('end', () => {
      this.#client = undefined;
      this.#reconnect();
    });
    // Notifications that were sent before it listened are lost.
    this.#callAll();
  }

  #reconnect(): void {
    if (!this.#closed) this.#retry = setTimeout(() => void this.start(), RECONNECT_MS).unref();
  }

  async #add(step: (client: Client) => Promise<void>): Promise<void> {
    this.#setup.push(step);
    const client = this.#client;
    if (!client) return this.#connecting;
    // A connection that cannot hold all is of no use: the next one tries again.
    await step(client).catch(() => void client.end().catch(() => {}));
  }

  #call(channel: string): void {
    for (const onNotify of this.#subscribers.get(channel) ?? []) onNotify();
  }

  #callAll(): void {
    for (const channel of this.#subscribers.keys()) this.#call(channel);
  }
}
