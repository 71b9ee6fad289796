// Only the text between the two region lines becomes part of the rendered client.
import { IhfBatchError } from './batches.ts';
import { randomKey } from './request.ts';
import { isTransient } from './retry.ts';

//#region rendered
/** The server remembers an idempotency key for 24 hours. After that, sending a batch again could record it twice. */
const RESEND_WITHIN_MS = 23 * 3_600_000;
const MAX_RESEND_DELAY_MS = 60_000;
/** Browsers limit the bodies of all keepalive requests in flight to 64 KiB. The rest is for other scripts of the page. */
const MAX_KEEPALIVE_BYTES = 60_000;

/** Events that are sent in one call. The key stays the same whenever they are sent again. */
interface ReporterBatch<Event> {
  readonly key: string;
  readonly events: Event[];
  /** Size of the events as JSON; 0 outside of pages, where the size does not matter. */
  readonly bytes: number;
  /** Number of events that were tracked before the first of this batch. */
  readonly start: number;
  readonly createdAt: number;
  failures: number;
  /** Settles when the call does; undefined if the batch waits. */
  sending?: Promise<void> | undefined;
}

/** The events of a reporter that are neither recorded nor dropped: those of batches, and those that wait for one. */
class ReporterQueue<Event> {
  /** Number of events that were ever added. */
  tracked = 0;
  batches: ReporterBatch<Event>[] = [];
  #waiting: string[] = [];
  readonly #maxBatch: number;
  readonly #inPage: boolean;

  constructor(maxBatch: number, inPage: boolean) {
    this.#maxBatch = maxBatch;
    this.#inPage = inPage;
  }

  get length(): number {
    return this.batches.reduce((sum, { events }) => sum + events.length, this.#waiting.length);
  }

  /** Whether one of the first `count` events is still here. */
  hasAnyOf(count: number): boolean {
    const firstWaiting = this.tracked - this.#waiting.length;
    return firstWaiting < Math.min(count, this.tracked) || this.batches.some(({ start }) => start < count);
  }

  add(json: string): void {
    this.tracked++;
    this.#waiting.push(json);
  }

  /** The next batch that is not being sent: one that failed, or a new one. */
  next(maxBytes: number): ReporterBatch<Event> | undefined {
    const failed = this.batches.find(({ sending }) => !sending);
    if (failed || this.#waiting.length === 0) return failed;
    let [size, bytes] = [0, 0];
    for (const json of this.#waiting.slice(0, this.#maxBatch)) {
      // With the comma after it.
      const more = this.#inPage ? new TextEncoder().encode(json).length + 1 : 0;
      if (bytes + more > maxBytes && size > 0) break;
      size++;
      bytes += more;
    }
    const start = this.tracked - this.#waiting.length;
    const events = this.#waiting.splice(0, size).map((json) => JSON.parse(json) as Event);
    const batch = { key: randomKey(), events, bytes, start, createdAt: performance.now(), failures: 0 };
    this.batches.push(batch);
    return batch;
  }

  /** Removes a batch. Returns false if it was removed before. */
  remove(batch: ReporterBatch<Event>): boolean {
    const before = this.batches.length;
    this.batches = this.batches.filter((each) => each !== batch);
    return this.batches.length < before;
  }

  /** Removes and returns all events. */
  drain(): Event[] {
    const events = this.batches.flatMap((batch) => batch.events);
    for (const json of this.#waiting) events.push(JSON.parse(json));
    this.batches = [];
    this.#waiting = [];
    return events;
  }
}

/** Milliseconds until the failed batch is sent again; undefined if it must be dropped. */
function resendDelay(batch: ReporterBatch<unknown>, error: unknown): number | undefined {
  const cause = error instanceof IhfBatchError ? Object(error).cause : error;
  if (!isTransient(cause) || performance.now() - batch.createdAt > RESEND_WITHIN_MS) return undefined;
  batch.failures++;
  const backoff = Math.min(1000 * 2 ** batch.failures, MAX_RESEND_DELAY_MS) * (0.5 + Math.random() / 2);
  return Math.max(backoff, (cause.retryAfter ?? 0) * 1000);
}

//#endregion

export { MAX_KEEPALIVE_BYTES, type ReporterBatch, ReporterQueue, resendDelay };
