import type { Db } from '../store/database/database.ts';
import { hasSubscriptions, notifyWorkers } from '../store/webhooks/queue.ts';

const LOOK_MS = 1_000;

/**
 * Tells the workers of every node that something was queued, after the commit that queued it. A ring that is lost, or
 * left out, costs the time until the workers look by themselves.
 */
export class WorkerNotifier {
  readonly #db: Db;
  readonly #timer: NodeJS.Timeout;
  #anybody = true;
  #ringing: Promise<void> | undefined;
  #again = false;

  constructor(db: Db) {
    this.#db = db;
    // A hub without subscriptions spends nothing on rings.
    this.#timer = setInterval(() => {
      hasSubscriptions(db).then(
        (anybody) => {
          this.#anybody = anybody;
        },
        () => {},
      );
    }, LOOK_MS).unref();
  }

  /** Call it after a commit. One ring is under way at a time, and one more covers all that was asked meanwhile. */
  notify(): void {
    if (!this.#anybody) return;
    if (this.#ringing) {
      this.#again = true;
      return;
    }
    this.#ringing = notifyWorkers(this.#db)
      .catch(() => {})
      .finally(() => {
        this.#ringing = undefined;
        if (!this.#again) return;
        this.#again = false;
        this.notify();
      });
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#again = false;
    await this.#ringing;
  }
}
