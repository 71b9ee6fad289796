import { Batcher } from '../batching/batcher.ts';
import { CONTRACT_CHANNEL } from '../store/contract/revisions.ts';
import type { Db } from '../store/database/database.ts';
import type { Held, Listener } from '../store/database/listener.ts';
import {
  type ClaimedMessage,
  claimMessages,
  type FinishedAttempt,
  finishAttempts,
  freeMessages,
  LOCK_WORKER_NUMBER,
  nextClaim,
  QUEUE_CHANNEL,
} from '../store/webhooks/queue.ts';
import { runRecoveryBatch } from '../store/webhooks/recoveries.ts';
import { type DeliveryParts, deliver } from './delivery.ts';

export interface WorkerParts extends DeliveryParts {
  db: Db;
  listener: Listener;
  /** How long an attempt may take; a lease lasts for as long, and a while longer. */
  timeoutMs: number;
  report(error: unknown): void;
}

/** How many attempts a worker has under way at a time. */
const MAX_CONCURRENT = 512;
const LEASE_MARGIN_SECONDS = 15;
/** What a crashed worker had leased is free again after this, and what the database does in the moment it notices. */
const FREE_MS = 250;
/** Where a notification was lost, or nobody sent one. */
const POLL_MS = 1_000;
const SOONEST_MS = 20;
/** How long what was sent but could not be written down is held before it is tried again. */
const WRITE_AGAIN_MS = 500;

/** Takes messages from the queue, delivers them and writes down what became of them. Any number may run at once. */
export class WebhookWorker {
  readonly #parts: WorkerParts;
  readonly #finished: Batcher<FinishedAttempt, undefined>;
  readonly #leaseSeconds: number;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #underWay = new Set<Promise<void>>();
  /** The number under which this worker may lease rows, locked for as long as the connection lasts. */
  #lock: Held<{ number: number }> | undefined;
  #alarm: NodeJS.Timeout | undefined;
  #claiming = false;
  #again = false;
  #closed = false;

  constructor(parts: WorkerParts) {
    this.#parts = parts;
    this.#leaseSeconds = Math.ceil(parts.timeoutMs / 1000) + LEASE_MARGIN_SECONDS;
    this.#finished = new Batcher(async (attempts) => {
      await finishAttempts(parts.db, attempts);
      return attempts.map(() => undefined);
    });
  }

  async start(): Promise<void> {
    const { listener } = this.#parts;
    this.#lock = await listener.hold(LOCK_WORKER_NUMBER);
    await listener.on(QUEUE_CHANNEL, () => this.wake());
    // A registry change may be a message too; its own notification says so.
    await listener.on(CONTRACT_CHANNEL, () => this.wake());
    this.#timers.push(setInterval(() => void this.#free(), FREE_MS).unref());
    this.#timers.push(setInterval(() => void this.#look(), POLL_MS).unref());
  }

  /** Looks for work, now or as soon as the look that is under way is over. */
  wake(): void {
    this.#again = true;
    if (!this.#claiming) void this.#claim();
  }

  /** Takes nothing more, and waits for what is under way. What is cut off here, another worker takes up. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) clearInterval(timer);
    clearTimeout(this.#alarm);
    await Promise.all(this.#underWay);
    await this.#parts.sender.close();
  }

  async #claim(): Promise<void> {
    this.#claiming = true;
    clearTimeout(this.#alarm);
    try {
      while (this.#again && !this.#closed) {
        this.#again = false;
        const number = this.#lock?.row?.number;
        const room = MAX_CONCURRENT - this.#underWay.size;
        if (number === undefined || room === 0) break;
        const messages = await claimMessages(this.#parts.db, number, room, this.#leaseSeconds);
        for (const message of messages) this.#begin(number, message);
        if (messages.length === 0 && !this.#again) this.#setAlarm(await nextClaim(this.#parts.db));
      }
    } catch (error) {
      this.#tell(error);
    } finally {
      this.#claiming = false;
    }
  }

  #setAlarm(ms: number | undefined): void {
    if (ms === undefined || ms > POLL_MS || this.#closed) return;
    this.#alarm = setTimeout(() => this.wake(), Math.max(ms, SOONEST_MS)).unref();
  }

  #begin(worker: number, message: ClaimedMessage): void {
    const work = this.#deliver(worker, message)
      .catch((error) => this.#tell(error))
      .finally(() => {
        this.#underWay.delete(work);
        this.wake();
      });
    this.#underWay.add(work);
  }

  async #deliver(worker: number, message: ClaimedMessage): Promise<void> {
    const attempt = { worker, ...(await deliver(message, this.#parts)) };
    for (;;) {
      try {
        return await this.#finished.submit(attempt);
      } catch (error) {
        // Given up, it would be delivered twice; and the database may be back in a moment.
        if (this.#closed) throw error;
        this.#tell(error);
        await new Promise((resolve) => setTimeout(resolve, WRITE_AGAIN_MS));
      }
    }
  }

  async #free(): Promise<void> {
    try {
      if ((await freeMessages(this.#parts.db)) > 0) this.wake();
    } catch (error) {
      this.#tell(error);
    }
  }

  async #look(): Promise<void> {
    try {
      while (!this.#closed && (await runRecoveryBatch(this.#parts.db))) this.wake();
    } catch (error) {
      this.#tell(error);
    }
    this.wake();
  }

  /** A database that is away is told of by every request already, and waited for here. */
  #tell(error: unknown): void {
    if ((error as { code?: string }).code !== 'unavailable') this.#parts.report(error);
  }
}
