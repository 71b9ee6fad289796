import type { Db } from '../store/database/database.ts';
import { hasSubscriptions, notifyWorkers } from '../store/webhooks/queue.ts';

const CHECK_MS = 1_000;

/**
 * Notifies the workers of all nodes after a commit that queued messages. A lost notification delays delivery until the
 * workers' next poll.
 */
export class WorkerNotifier {
  readonly #db: Db;
  readonly #timer: NodeJS.Timeout;
  #enabled = true;
  #sending: Promise<void> | undefined;
  #again = false;

  /** Whether there is an active subscription. */
  get enabled(): boolean {
    return this.#enabled;
  }

  constructor(db: Db) {
    this.#db = db;
    // Without any subscription, notifications would cost a statement per request for nothing.
    this.#timer = setInterval(() => void this.#check(), CHECK_MS).unref();
  }

  /** Call it after a commit. One notification is in flight at a time; one more covers all calls made meanwhile. */
  notify(): void {
    if (!this.#enabled) return;
    if (this.#sending) {
      this.#again = true;
      return;
    }
    this.#sending = notifyWorkers(this.#db)
      .catch(() => {})
      .finally(() => {
        this.#sending = undefined;
        if (!this.#again) return;
        this.#again = false;
        this.notify();
      });
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#again = false;
    await this.#sending;
  }

  async #check(): Promise<void> {
    this.#enabled = await hasSubscriptions(this.#db).catch(() => this.#enabled);
  }
}
