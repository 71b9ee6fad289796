import pg from 'pg';
import { connectionConfig } from './database.ts';

const RECONNECT_MS = 250;
/** A connection can die without a word; what it would have told is asked for this often. */
const POLL_MS = 5_000;

/**
 * Hears from the database that something has moved on, and calls `onMove` then, after a reconnect (what was committed
 * meanwhile was not heard), and now and then.
 */
export class Listener {
  readonly #url: string;
  readonly #channel: string;
  readonly #onMove: () => void;
  readonly #standing: pg.QueryConfig | undefined;
  readonly #poll: NodeJS.Timeout;
  #client: pg.Client | undefined;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  /**
   * @param channel the name that the database notifies on.
   * @param standing a statement that takes what is to be held for as long as the connection lasts.
   */
  constructor(url: string, channel: string, onMove: () => void, standing?: pg.QueryConfig) {
    this.#channel = channel;
    this.#standing = standing;
    this.#url = url;
    this.#onMove = onMove;
    this.#poll = setInterval(onMove, POLL_MS).unref();
  }

  /** Whether the database's word reaches this node at once. */
  get following(): boolean {
    return this.#client !== undefined;
  }

  async start(): Promise<void> {
    if (this.#closed) return;
    const client = new pg.Client(connectionConfig(this.#url));
    client.on('notification', this.#onMove);
    client.on('error', () => {});
    client.once('end', () => this.#reconnect());
    try {
      await client.connect();
      if (this.#standing) await client.query(this.#standing);
      await client.query(`listen ${this.#channel}`);
    } catch {
      // Ends a half-made connection too; one that was never made has no 'end' to tell of.
      client.removeAllListeners('end');
      void client.end().catch(() => {});
      this.#reconnect();
      return;
    }
    // The node was closed while the connection was being made.
    if (this.#closed) {
      client.removeAllListeners('end');
      await client.end();
      return;
    }
    this.#client = client;
    // What was committed before the listening began was not heard.
    this.#onMove();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#poll);
    await this.#client?.end();
  }

  #reconnect(): void {
    this.#client = undefined;
    // A connection that is closed while it is made tells of it twice, and each retry would become two.
    if (this.#closed || this.#retry) return;
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      void this.start();
    }, RECONNECT_MS).unref();
  }
}
