import pg from 'pg';
import { connectionConfig } from '../store/database.ts';

const CHANNEL = 'ihf_contract';
const RECONNECT_MS = 250;
/** A connection can die without a word; what it would have told is asked for this often. */
const POLL_MS = 5_000;

/** Hears from the database that the contract has moved on, and calls `onMove` then, after a reconnect, and now and then. */
export class Follower {
  readonly #url: string;
  readonly #onMove: () => void;
  readonly #poll: NodeJS.Timeout;
  #client: pg.Client | undefined;
  #closed = false;

  constructor(url: string, onMove: () => void) {
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
      await client.query(`listen ${CHANNEL}`);
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
    if (!this.#closed) setTimeout(() => this.start(), RECONNECT_MS).unref();
  }
}
