import { Batcher } from '../batching/batcher.ts';
import { CONTRACT_CHANNEL } from '../store/contract/revisions.ts';
import type { Db } from '../store/database/database.ts';
import type { Held, Listener } from '../store/database/listener.ts';
import {
  type ClaimedMessage,
  claimMessages,
  type FinishedAttempt,
  finishAttempts,
  LOCK_WORKER_NUMBER,
  msUntilNextClaim,
  QUEUE_CHANNEL,
  releaseLeases,
  WORKER_SESSION_ENDED,
} from '../store/webhooks/queue.ts';
import { runRecoveryBatch } from '../store/webhooks/recoveries.ts';
import { attemptDelivery, type DeliveryDeps } from './delivery.ts';

export interface WorkerDeps extends DeliveryDeps {
  db: Db;
  listener: Listener;
  /** The time limit of an attempt. Leases last longer, by a margin. */
  timeoutMs: number;
  report(error: unknown): void;
}

/** Maximum number of attempts in flight per worker. */
const MAX_CONCURRENT = 512;
const LEASE_MARGIN_SECONDS = 15;
/** How often leases of workers that no longer run are released. */
const RELEASE_MS = 250;
/** For lost notifications, and changes by SQL that sends none. */
const POLL_MS = 1_000;
const MIN_ALARM_MS = 20;
/** The delay before the record of an attempt is written again after a database error. */
const RECORD_RETRY_MS = 500;

/** Claims messages from the queue, delivers them and records the attempts. Any number of workers can run at once. */
export class WebhookWorker {
  readonly #deps: WorkerDeps;
  readonly #finished: Batcher<FinishedAttempt, undefined>;
  readonly #leaseSeconds: number;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #inFlight = new Set<Promise<void>>();
  /** The number under which this worker leases deliveries, locked for as long as the connection lasts. */
  #lock: Held<{ number: number }> | undefined;
  #alarm: NodeJS.Timeout | undefined;
  #claiming = false;
  #again = false;
  #closed = false;

  constructor(deps: WorkerDeps) {
    this.#deps = deps;
    this.#leaseSeconds = Math.ceil(deps.timeoutMs / 1000) + LEASE_MARGIN_SECONDS;
    this.#finished = new Batcher(async (attempts) => {
      await finishAttempts(deps.db, attempts);
      return attempts.map(() => undefined);
    });
  }

  async start(): Promise<void> {
    const { listener } = this.#deps;
    this.#lock = await listener.hold(LOCK_WORKER_NUMBER);
    await listener.on(QUEUE_CHANNEL, () => this.wake());
    // A registry change may queue messages too, and sends its own notification.
    await listener.on(CONTRACT_CHANNEL, () => this.wake());
    this.#timers.push(setInterval(() => void this.#release(), RELEASE_MS).unref());
    this.#timers.push(setInterval(() => void this.#poll(), POLL_MS).unref());
  }

  /** Claims messages now, or again after the claim in flight. */
  wake(): void {
    this.#again = true;
    if (!this.#claiming) void this.#claim();
  }

  /** Claims nothing more and waits for the attempts in flight. Another worker delivers the rest. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) clearInterval(timer);
    clearTimeout(this.#alarm);
    await Promise.all(this.#inFlight);
    await this.#deps.sender.close();
  }

  async #claim(): Promise<void> {
    this.#claiming = true;
    clearTimeout(this.#alarm);
    let number: number | undefined;
    try {
      while (this.#again && !this.#closed) {
        this.#again = false;
        number = this.#lock?.row?.number;
        const room = MAX_CONCURRENT - this.#inFlight.size;
        if (number === undefined || room === 0) break;
        const messages = await claimMessages(this.#deps.db, number, room, this.#leaseSeconds);
        for (const message of messages) this.#start(number, message);
        if (messages.length === 0 && !this.#again) this.#setAlarm(await msUntilNextClaim(this.#deps.db));
      }
    } catch (error) {
      if ((error as { code?: string }).code !== WORKER_SESSION_ENDED) this.#report(error);
      // The server has ended the session, but the connection does not show it. A new connection has another number.
      else if (this.#lock?.row?.number === number) this.#deps.listener.reconnect();
    } finally {
      this.#claiming = false;
    }
  }

  #setAlarm(ms: number | undefined): void {
    if (ms === undefined || ms > POLL_MS || this.#closed) return;
    this.#alarm = setTimeout(() => this.wake(), Math.max(ms, MIN_ALARM_MS)).unref();
  }

  #start(worker: number, message: ClaimedMessage): void {
    const attempt = this.#deliver(worker, message)
      .catch((error) => this.#report(error))
      .finally(() => {
        this.#inFlight.delete(attempt);
        this.wake();
      });
    this.#inFlight.add(attempt);
  }

  async #deliver(worker: number, message: ClaimedMessage): Promise<void> {
    const attempt = { worker, ...(await attemptDelivery(message, this.#deps)) };
    for (;;) {
      try {
        return await this.#finished.submit(attempt);
      } catch (error) {
        // Without the record it would be delivered again, and the database may be back in a moment.
        if (this.#closed) throw error;
        this.#report(error);
        await new Promise((resolve) => setTimeout(resolve, RECORD_RETRY_MS));
      }
    }
  }

  async #release(): Promise<void> {
    try {
      if ((await releaseLeases(this.#deps.db)) > 0) this.wake();
    } catch (error) {
      this.#report(error);
    }
  }

  async #poll(): Promise<void> {
    try {
      while (!this.#closed && (await runRecoveryBatch(this.#deps.db))) this.wake();
    } catch (error) {
      this.#report(error);
    }
    this.wake();
  }

  /** An unavailable database is in the log already, by every request. */
  #report(error: unknown): void {
    if ((error as { code?: string }).code !== 'unavailable') this.#deps.report(error);
  }
}
