import type { Db } from '../store/database/database.ts';
import { type FinishedAttempt, finishAttempts } from '../store/webhooks/queue.ts';

/** How long an attempt waits for others, so that one statement records them, while nothing waits for its end. */
const LINGER_MS = 10;
const MAX_BATCH_SIZE = 200;
/** The delay before attempts are written again after a database error. */
const RETRY_MS = 500;

interface Waiting {
  attempt: FinishedAttempt;
  resolve(): void;
  reject(error: unknown): void;
}

export interface AttemptRecorderOptions {
  db: Db;
  /**
   * Called after each statement, with the milliseconds until the next delivery can be claimed, if one is waiting, and when
   * the statement began (`performance.now()`).
   */
  onRecorded(msUntilNext: number | undefined, began: number): void;
  report(error: unknown): void;
}

/** Records attempts in batches, one statement at a time. */
export class AttemptRecorder {
  readonly #options: AttemptRecorderOptions;
  #waiting: Waiting[] = [];
  #timer: NodeJS.Timeout | undefined;
  #running = false;
  #closed = false;

  constructor(options: AttemptRecorderOptions) {
    this.#options = options;
  }

  /** @param isUrgent whether other deliveries wait for the end of this one. */
  submit(attempt: FinishedAttempt, isUrgent: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ attempt, resolve, reject });
      this.#schedule(isUrgent || this.#closed || this.#waiting.length >= MAX_BATCH_SIZE ? 0 : LINGER_MS);
    });
  }

  /** From now on nothing waits, and nothing is written again after an error. */
  close(): void {
    this.#closed = true;
    if (this.#waiting.length > 0) this.#schedule(0);
  }

  #schedule(ms: number): void {
    if (ms > 0 && this.#timer) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#run(), ms);
  }

  async #run(): Promise<void> {
    this.#timer = undefined;
    if (this.#running) return;
    const batch = this.#waiting.splice(0, MAX_BATCH_SIZE);
    if (batch.length === 0) return;
    this.#running = true;
    const began = performance.now();
    try {
      const ms = await finishAttempts(
        this.#options.db,
        batch.map(({ attempt }) => attempt),
      );
      for (const { resolve } of batch) resolve();
      this.#options.onRecorded(ms, began);
    } catch (error) {
      this.#writeAgain(batch, error);
    } finally {
      this.#running = false;
      if (this.#waiting.length > 0) this.#schedule(this.#timer ? LINGER_MS : 0);
    }
  }

  /** Without its record a message would be delivered again, and the database may be back in a moment. */
  #writeAgain(batch: Waiting[], error: unknown): void {
    if (this.#closed) {
      for (const { reject } of batch) reject(error);
      return;
    }
    this.#options.report(error);
    this.#waiting.unshift(...batch.map((each) => ({ ...each, attempt: { ...each.attempt, rewritten: true } })));
    this.#timer ??= setTimeout(() => void this.#run(), RETRY_MS);
  }
}
