import pg from 'pg';
import { connectionConfig } from '../store/database/database.ts';
import { LOCK_WORKER_NUMBER, QUEUE_CHANNEL } from '../store/webhooks/queue.ts';

/** A registry change may be a message too; its own notification says so. */
const CHANNELS = [QUEUE_CHANNEL, 'ihf_contract'];
const RECONNECT_MS = 100;

/**
 * The connection that stands for a worker: it hears of new messages, and holds the lock under the worker's number for
 * as long as the worker lives. A worker that lost it has lost its leases, and begins anew under another number.
 */
export class WorkerSession {
  readonly #url: string;
  readonly #onWake: () => void;
  #client: pg.Client | undefined;
  #number: number | undefined;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(url: string, onWake: () => void) {
    this.#url = url;
    this.#onWake = onWake;
  }

  /** The number under which this worker may lease rows now. */
  get number(): number | undefined {
    return this.#number;
  }

  async start(): Promise<void> {
    if (this.#closed) return;
    const client = new pg.Client(connectionConfig(this.#url));
    client.on('notification', this.#onWake);
    client.on('error', () => {});
    client.once('end', () => this.#reconnect());
    this.#client = client;
    try {
      await client.connect();
      for (const channel of CHANNELS) await client.query(`listen ${channel}`);
      const { rows } = await client.query<{ number: number }>(LOCK_WORKER_NUMBER);
      this.#number = rows[0]?.number;
    } catch {
      // Ends a half-made connection too; one that was never made has no 'end' to tell of.
      client.removeAllListeners('end');
      void client.end().catch(() => {});
      this.#reconnect();
      return;
    }
    // What was queued before the listening began was not heard.
    this.#onWake();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#number = undefined;
    await this.#client?.end().catch(() => {});
  }

  #reconnect(): void {
    this.#number = undefined;
    // A connection that is closed while it is made tells of it twice, and each retry would become two.
    if (this.#closed || this.#retry) return;
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      void this.start();
    }, RECONNECT_MS).unref();
  }
}
