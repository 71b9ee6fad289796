import { randomUUID } from 'node:crypto';
import { IhfError } from '../errors.ts';
import type { Db } from '../store/database/database.ts';
import { type LoggedRequest, writeRequests } from '../store/request-log/request-log.ts';

/** Maximum delay of a row before its statement starts. */
const FLUSH_MS = 250;
const MAX_BATCH_SIZE = 2_000;
/** About 5 MB, or several seconds of full load: enough for a restart of the database. */
const CAPACITY = 20_000;

interface Batch {
  number: number;
  requests: LoggedRequest[];
}

/**
 * Writes the request log in the background: a request neither waits for the database nor fails with it. Rows beyond the
 * capacity are dropped and counted. Each row is stored once: a batch with an unknown outcome is sent again with the same
 * number, which the database recognizes.
 */
export class RequestLogWriter {
  readonly #db: Db;
  readonly #report: (error: unknown) => void;
  readonly #id = randomUUID();
  readonly #timer: NodeJS.Timeout;
  readonly #waiting: LoggedRequest[] = [];
  #batch: Batch | undefined;
  #flushing: Promise<void> | undefined;
  #batches = 0;
  written = 0;
  dropped = 0;

  /** @param db a database with asynchronous commit. */
  constructor(db: Db, report: (error: unknown) => void) {
    this.#db = db;
    this.#report = report;
    this.#timer = setInterval(() => void this.flush(), FLUSH_MS).unref();
  }

  /** Number of rows that are not stored yet. */
  get waiting(): number {
    return this.#waiting.length + (this.#batch?.requests.length ?? 0);
  }

  note(request: LoggedRequest): void {
    if (this.#waiting.length < CAPACITY) this.#waiting.push(request);
    else this.dropped += 1;
  }

  /** Writes all waiting rows, until the database becomes unavailable. Never throws. */
  flush(): Promise<void> {
    this.#flushing ??= this.#writeAll().finally(() => {
      this.#flushing = undefined;
    });
    return this.#flushing;
  }

  /** Writes the remaining rows. Those that cannot be written are counted as dropped. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
    // The first call may have joined a flush that had started before the last rows arrived.
    await this.flush();
    const lost = this.waiting;
    this.dropped += lost;
    if (lost > 0) this.#report(new Error(`${lost} rows of the request log could not be written before the stop`));
  }

  async #writeAll(): Promise<void> {
    while (this.waiting > 0) {
      this.#batch ??= { number: ++this.#batches, requests: this.#waiting.splice(0, MAX_BATCH_SIZE) };
      const { number, requests } = this.#batch;
      try {
        await writeRequests(this.#db, this.#id, number, requests);
        this.written += requests.length;
      } catch (error) {
        // The outcome is unknown: the next flush sends the same batch.
        if (error instanceof IhfError && error.code === 'unavailable') return;
        // It would fail again and block all later batches.
        this.dropped += requests.length;
        this.#report(error);
      }
      this.#batch = undefined;
    }
  }
}
