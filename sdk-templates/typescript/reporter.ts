// Only the text between the two region lines becomes part of the rendered client.
import type { BatchResult } from './batches.ts';
import type { IdempotentCallOptions } from './options.ts';
import { onPageHidden, onProcessEnd, startTimer } from './reporter-events.ts';
import { MAX_KEEPALIVE_BYTES, type ReporterBatch, ReporterQueue, resendDelay } from './reporter-queue.ts';
import { toJson } from './request.ts';
import { sleep, withTimeout } from './timeout.ts';

//#region rendered
/** Called with events that a reporter could not send, and with the reason. */
export type DropHook<Event> = (events: Event[], reason: string) => void;

/** Options of a {@link Reporter}. */
export interface ReporterOptions<Event> {
  /** Maximum number of events in memory. Further events are dropped. Default: 10 000. */
  maxQueue?: number | undefined;
  /** Maximum number of events per request. Default: 500. In a page, a request also has at most 60 000 bytes. */
  maxBatch?: number | undefined;
  /** Time until queued events are sent, in milliseconds. Default: 5 000. */
  flushIntervalMs?: number | undefined;
  /** Number of queued events at which they are sent without waiting. Default: 100. */
  flushAt?: number | undefined;
  /** Called with dropped events and the reason. Default: a console warning. */
  onDrop?: DropHook<Event> | undefined;
}

/** The part of the client that a reporter needs. */
export interface EventSender<Event> {
  sendInteractionEvents(
    events: Iterable<Event> | AsyncIterable<Event>,
    options?: IdempotentCallOptions,
  ): Promise<BatchResult>;
}

/**
 * Sends interaction events in the background, in batches, each exactly once.
 *
 * Node sends the remaining events when the event loop is empty; call `close` before you end the process. A page sends them
 * when it is hidden or closed, as far as the limit of browsers for such requests (64 KiB) allows.
 */
export class Reporter<Event extends object> {
  readonly #client: EventSender<Event>;
  readonly #queue: ReporterQueue<Event>;
  readonly #maxQueue: number;
  readonly #flushIntervalMs: number;
  readonly #flushAt: number;
  readonly #onDrop: DropHook<Event> | undefined;
  readonly #unsubscribe: () => void;
  #dropped = 0;
  #closed = false;
  /** Whether events are being sent in the background. */
  #draining = false;
  #stopTimer: (() => void) | undefined;
  /** A failed batch is not sent again before this time. */
  #resendAt = 0;

  /** @param client Sends the batches. */
  constructor(client: EventSender<Event>, options: ReporterOptions<Event> = {}) {
    const { maxQueue = 10_000, maxBatch = 500, flushIntervalMs = 5_000, flushAt = 100, onDrop } = options;
    if (!(maxQueue >= 1 && maxBatch >= 1)) throw new RangeError('maxQueue and maxBatch must be at least 1');
    this.#client = client;
    const unsubscribe = onPageHidden(() => this.#sendAtOnce());
    this.#queue = new ReporterQueue(maxBatch, unsubscribe !== undefined);
    this.#unsubscribe = unsubscribe ?? onProcessEnd(() => this.#sendOrDrop(10_000));
    this.#maxQueue = maxQueue;
    this.#flushIntervalMs = flushIntervalMs;
    this.#flushAt = Math.min(flushAt, maxQueue);
    this.#onDrop = onDrop;
  }

  /** Number of events that are not sent yet. */
  get queued(): number {
    return this.#queue.length;
  }

  /** Number of events that were dropped: the queue was full, the server rejected them, or the time to close was over. */
  get dropped(): number {
    return this.#dropped;
  }

  /**
   * Queues an event and returns at once. `occurred_at` defaults to now. Returns false if the event was dropped.
   *
   * @throws TypeError if the event cannot be sent as JSON, or if it has an invalid Date.
   */
  track(event: Event): boolean {
    // The event as it is now: the application may change it later.
    const { occurred_at = new Date() } = event as { occurred_at?: unknown };
    const json = toJson({ ...event, occurred_at });
    const queued = this.queued;
    if (this.#closed || queued >= this.#maxQueue) {
      this.#drop([JSON.parse(json)], this.#closed ? 'the reporter is closed' : 'the queue is full');
      return false;
    }
    this.#queue.add(json);
    if (queued + 1 >= this.#flushAt) void this.#drain();
    else this.#stopTimer ??= startTimer(() => this.#drain(), this.#flushIntervalMs);
    return true;
  }

  /**
   * Sends all queued events and waits until each is recorded or dropped. Returns false after the timeout; the events stay
   * queued.
   *
   * @param timeoutMs Default: no timeout.
   */
  async flush(timeoutMs: number = Number.POSITIVE_INFINITY): Promise<boolean> {
    const deadline = performance.now() + timeoutMs;
    const { tracked } = this.#queue;
    while (this.#queue.hasAnyOf(tracked)) {
      const timeLeft = deadline - performance.now();
      if (timeLeft <= 0) return false;
      await this.#sendNext(timeLeft);
    }
    return true;
  }

  /**
   * Sends the queued events and stops. Events that are not sent within the timeout are dropped.
   *
   * @param timeoutMs Default: 10 000.
   */
  async close(timeoutMs: number = 10_000): Promise<void> {
    this.#closed = true;
    this.#unsubscribe();
    await this.#sendOrDrop(timeoutMs);
  }

  async #sendOrDrop(timeoutMs: number): Promise<void> {
    this.#resendAt = 0;
    if (await this.flush(timeoutMs)) return;
    this.#drop(this.#queue.drain(), 'they could not be sent before the reporter was closed');
  }

  /** Sends events until none is left or a failed batch must wait. */
  async #drain(): Promise<void> {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    if (this.#draining) return;
    this.#draining = true;
    while (this.queued > 0 && this.#resendAt <= performance.now()) await this.#sendNext();
    this.#draining = false;
    if (this.queued > 0) this.#stopTimer ??= startTimer(() => this.#drain(), this.#resendAt - performance.now());
  }

  /** Takes one step: waits for the batch that is being sent or must wait, or sends the next. Batches stay in order. */
  async #sendNext(timeLeft?: number): Promise<void> {
    const sending = this.#queue.batches.find((batch) => batch.sending)?.sending;
    const wait = this.#resendAt - performance.now();
    if (sending) return withTimeout(undefined, timeLeft ?? Number.POSITIVE_INFINITY, undefined, () => sending);
    if (wait > 0) return sleep(Math.min(wait, timeLeft ?? wait), undefined);
    const batch = this.#queue.next(MAX_KEEPALIVE_BYTES);
    // A browser may have rejected the first request because others filled its limit for keepalive.
    if (batch) await this.#send(batch, batch.failures === 0, timeLeft);
  }

  /** Sends what fits into keepalive requests without waiting for responses, because the page may end. */
  #sendAtOnce(): void {
    let bytesLeft = MAX_KEEPALIVE_BYTES;
    for (const { sending, bytes } of this.#queue.batches) if (sending) bytesLeft -= bytes;
    for (;;) {
      const batch = this.#queue.next(bytesLeft);
      if (!batch || batch.bytes > bytesLeft) break;
      bytesLeft -= batch.bytes;
      void this.#send(batch, true);
    }
    // If the page does not end, the others follow.
    void this.#drain();
  }

  #send(batch: ReporterBatch<Event>, keepalive: boolean, totalTimeoutMs?: number): Promise<void> {
    const options = {
      idempotencyKey: batch.key,
      totalTimeoutMs,
      keepalive: keepalive && batch.bytes > 0 && batch.bytes <= MAX_KEEPALIVE_BYTES,
    };
    batch.sending = this.#client.sendInteractionEvents(batch.events, options).then(
      ({ results }) => {
        this.#queue.remove(batch);
        for (const { index, problem } of results) {
          if (problem) this.#drop([batch.events[index] as Event], `rejected: ${problem.detail || problem.title}`);
        }
      },
      (error) => {
        batch.sending = undefined;
        const delay = resendDelay(batch, error);
        if (delay !== undefined) this.#resendAt = performance.now() + delay;
        else if (this.#queue.remove(batch)) this.#drop(batch.events, Object(error).message);
      },
    );
    return batch.sending;
  }

  #drop(events: Event[], reason: string): void {
    if (events.length === 0) return;
    this.#dropped += events.length;
    if (!this.#onDrop) {
      console.warn(`ihf-client: ${events.length} events were dropped: ${reason}`);
      return;
    }
    try {
      this.#onDrop(events, reason);
    } catch (error) {
      // An error of the application must not stop the events that follow.
      console.error('ihf-client: onDrop failed:', error);
    }
  }
}
//#endregion
