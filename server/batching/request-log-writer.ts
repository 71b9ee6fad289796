import { randomUUID } from 'node:crypto';
import { IhfError } from '../errors.ts';
import type { Db } from '../store/database/database.ts';
import { type LoggedRequest, writeRequests } from '../store/request-log/request-log.ts';

/** How long a row waits for others. The log is behind by this and one statement. */
const FLUSH_MS = 250;
const LARGEST_BATCH = 2_000;
/** Some 5 MB, and seconds of full load: as long as a restart of the database takes. */
const CAPACITY = 20_000;

interface Batch {
  number: number;
  requests: LoggedRequest[];
}

/**
 * Writes the log of requests behind their backs: a request pays for a place in a list, and neither waits for the
 * database nor fails with it. Rows that find no place are dropped and counted. Each row is written once: a batch whose
 * fate is not known is sent again under its number.
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

  /** @param db counts and the log need not outlive a crash of Postgres by the millisecond. */
  constructor(db: Db, report: (error: unknown) => void) {
    this.#db = db;
    this.#report = report;
    this.#timer = setInterval(() => void this.flush(), FLUSH_MS).unref();
  }

  /** How many rows wait to be written. */
  get waiting(): number {
    return this.#waiting.length + (this.#batch?.requests.length ?? 0);
  }

  note(request: LoggedRequest): void {
    if (this.#waiting.length < CAPACITY) this.#waiting.push(request);
    else this.dropped += 1;
  }

  /** Writes all that waits, as far as the database takes it. Never fails. */
  flush(): Promise<void> {
    this.#flushing ??= this.#writeAll().finally(() => {
      this.#flushing = undefined;
    });
    return this.#flushing;
  }

  /** Writes what is left; what cannot be written now is counted as dropped. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
    // What came while an earlier flush was under way.
    await this.flush();
    const lost = this.waiting;
    this.dropped += lost;
    if (lost > 0) this.#report(new Error(`${lost} rows of the request log could not be written before the end`));
  }

  async #writeAll(): Promise<void> {
    while (this.waiting > 0) {
      this.#batch ??= { number: ++this.#batches, requests: this.#waiting.splice(0, LARGEST_BATCH) };
      const { number, requests } = this.#batch;
      try {
        await writeRequests(this.#db, this.#id, number, requests);
        this.written += requests.length;
      } catch (error) {
        // The same batch again at the next flush: nobody knows whether it was written.
        if (error instanceof IhfError && error.code === 'unavailable') return;
        // It would fail for ever, and all others behind it.
        this.dropped += requests.length;
        this.#report(error);
      }
      this.#batch = undefined;
    }
  }
}
