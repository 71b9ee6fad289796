import { CONTRACT_CHANNEL } from '../store/contract/revisions.ts';
import type { Db } from '../store/database/database.ts';
import type { Listener } from '../store/database/listener.ts';
import {
  adoptLeases,
  type ClaimedMessage,
  claimMessages,
  collectLease,
  type Lease,
  msUntilNextClaim,
  QUEUE_CHANNEL,
  releaseLeases,
  WORKER_SESSION_ENDED,
} from '../store/webhooks/queue.ts';
import { runRecoveryBatch } from '../store/webhooks/recoveries.ts';
import { Alarm } from './alarm.ts';
import { AttemptRecorder } from './attempt-recorder.ts';
import { AttemptsInFlight } from './attempts-in-flight.ts';
import { attemptDelivery, type DeliveryDeps } from './delivery.ts';
import { WorkerSession } from './worker-session.ts';

export interface WorkerDeps extends DeliveryDeps {
  db: Db;
  listener: Listener;
  /** The time limit of an attempt. Leases last longer, by a margin. */
  timeoutMs: number;
}

/** Maximum number of attempts in flight per worker. */
const MAX_CONCURRENT = 512;
const LEASE_MARGIN_SECONDS = 15;
/** How often leases of workers that no longer run are released. */
const RELEASE_MS = 250;
/** For lost notifications, and changes by SQL that sends none. */
const POLL_MS = 1_000;
const MIN_ALARM_MS = 20;
const REPEAT_REPORT_MS = 60_000;

/** Claims messages from the queue, delivers them and records the attempts. Any number of workers can run at once. */
export class WebhookWorker {
  readonly leaseSeconds: number;
  readonly #deps: WorkerDeps;
  readonly #deliveryDeps: DeliveryDeps;
  readonly #recorder: AttemptRecorder;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #inFlight = new AttemptsInFlight();
  readonly #alarm = new Alarm(() => this.wake());
  #session: WorkerSession | undefined;
  /** The number under which all attempts in flight are leased. */
  #number: number | undefined;
  #claiming = false;
  #again = false;
  /** Whether deliveries may wait for the end of others. */
  #backlog = false;
  /** When deliveries may last have been left in the queue because others were in flight. */
  #lastEmptyLook = 0;
  /** When attempts were last recorded. */
  #lastRecord = 0;
  #closed = false;
  #reported: { message?: string | undefined; until: number } = { until: 0 };

  constructor(deps: WorkerDeps) {
    this.#deps = deps;
    this.#deliveryDeps = { ...deps, report: (error) => this.#report(error) };
    this.leaseSeconds = Math.ceil(deps.timeoutMs / 1000) + LEASE_MARGIN_SECONDS;
    const onRecorded = (ms: number | undefined, began: number) => this.#onRecorded(ms, began);
    this.#recorder = new AttemptRecorder({ db: deps.db, onRecorded, report: (error) => this.#report(error) });
  }

  async start(): Promise<void> {
    const { listener } = this.#deps;
    this.#session = await WorkerSession.open(listener);
    this.#number = this.#session.number;
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

  /** A lease for the messages of a transaction that is about to run; undefined if this worker is busy. */
  offerLease(): Lease | undefined {
    const number = this.#session?.number;
    const isReady = number === this.#number && !this.#closed && this.#inFlight.size < MAX_CONCURRENT / 2;
    return number !== undefined && isReady ? this.#session?.newLease(number) : undefined;
  }

  /** Delivers what the transaction has queued under the lease. Returns whether more could be claimed. */
  async collect(lease: Lease, hubIds: readonly string[]): Promise<boolean> {
    const began = performance.now();
    const { messages, isDue, isClaimable } = await collectLease(this.#deps.db, lease, hubIds);
    if (isDue) this.#lastEmptyLook = performance.now();
    // The record of an attempt that ran at the same time may have left it to this statement, and this one to the record.
    const mayHaveMissed = isDue && this.#lastRecord >= began;
    // Under another number the lease is about to end, and the messages are claimed again.
    if (this.#session?.number !== lease.worker) return true;
    for (const message of messages) this.#start(message);
    return isClaimable || mayHaveMissed;
  }

  /** To be called if it is unknown what the lease includes. */
  abandonLease(lease: Lease): void {
    this.#session?.abandon(lease.worker);
  }

  /** Claims nothing more and waits for the attempts in flight. Another worker delivers the rest. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) clearInterval(timer);
    this.#alarm.clear();
    this.#recorder.close();
    await this.#inFlight.ended();
    await this.#deps.sender.close();
  }

  async #claim(): Promise<void> {
    this.#claiming = true;
    let lease: Lease | undefined;
    try {
      while (this.#again && !this.#closed) {
        this.#again = false;
        const number = await this.#adopt();
        const room = MAX_CONCURRENT - this.#inFlight.size;
        if (room === 0) this.#backlog = true;
        if (number === undefined || room === 0) break;
        lease = this.#session?.newLease(number) as Lease;
        const messages = await claimMessages(this.#deps.db, lease, room, this.leaseSeconds);
        lease = undefined;
        for (const message of messages) this.#start(message);
        this.#backlog = messages.length > 0;
        if (messages.length === 0) this.#lastEmptyLook = performance.now();
        // Also after a claim with a result: it skips what another statement has locked and what a rate does not allow yet.
        if (!this.#again) this.#setAlarm(await msUntilNextClaim(this.#deps.db));
      }
    } catch (error) {
      // The server has ended the session and the connection does not show it; or the response of the claim was lost.
      if (lease) this.#session?.abandon(lease.worker);
      if ((error as { code?: string }).code !== WORKER_SESSION_ENDED) this.#report(error);
    } finally {
      this.#claiming = false;
    }
  }

  /** Continues the attempts in flight under the number of the current session, and returns it. */
  async #adopt(): Promise<number | undefined> {
    const number = this.#session?.number;
    if (number === undefined || number === this.#number) return number;
    const messages = this.#inFlight.messages();
    if (messages.length > 0) {
      this.#inFlight.keepOnly(messages, await adoptLeases(this.#deps.db, number, messages, this.leaseSeconds));
    }
    this.#number = number;
    return number;
  }

  #onRecorded(msUntilNext: number | undefined, began: number): void {
    this.#lastRecord = performance.now();
    // A claim that ran at the same time counted these attempts as in flight, and this statement did not see what it left.
    const mayHaveMissed = this.#lastEmptyLook >= began;
    if (this.#backlog || mayHaveMissed || (msUntilNext ?? 1) <= 0) {
      this.#backlog = true;
      this.wake();
    } else this.#setAlarm(msUntilNext);
  }

  #setAlarm(ms: number | undefined): void {
    if (ms !== undefined && ms <= POLL_MS && !this.#closed) this.#alarm.set(Math.max(ms, MIN_ALARM_MS));
  }

  #start(message: ClaimedMessage): void {
    this.#inFlight.run(message, (signal) =>
      this.#deliver(message, signal).catch((error) => {
        if (!signal.aborted) this.#report(error);
      }),
    );
  }

  async #deliver(message: ClaimedMessage, signal: AbortSignal): Promise<void> {
    const attempt = await attemptDelivery(message, this.#deliveryDeps, signal);
    if (attempt) await this.#recorder.submit(attempt, this.#backlog || message.ordered);
  }

  async #release(): Promise<void> {
    try {
      const number = this.#session?.number;
      if (number === undefined) return;
      const { released, isRunning } = await releaseLeases(this.#deps.db, number);
      if (!isRunning) this.#session?.abandon(number);
      if (released > 0 || number !== this.#number) this.wake();
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

  /** An unavailable database is in the log already, by every request. The same error of many deliveries is logged once. */
  #report(error: unknown): void {
    const { code, message } = error as { code?: string; message?: string };
    const isRepeated = message === this.#reported.message && performance.now() < this.#reported.until;
    if (code === 'unavailable' || isRepeated) return;
    this.#reported = { message, until: performance.now() + REPEAT_REPORT_MS };
    this.#deps.report(error);
  }
}
