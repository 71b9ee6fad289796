import type { Held, Listener } from '../store/database/listener.ts';
import { type Lease, LOCK_WORKER_NUMBER } from '../store/webhooks/queue.ts';

const COUNTER_BITS = 31n;

/**
 * The number under which a worker leases deliveries. Its session locks the number for as long as the connection lasts; a
 * new connection has another one.
 */
export class WorkerSession {
  readonly #listener: Listener;
  readonly #lock: Held<{ number: number }>;
  #leases = 0n;

  private constructor(listener: Listener, lock: Held<{ number: number }>) {
    this.#listener = listener;
    this.#lock = lock;
  }

  static async open(listener: Listener): Promise<WorkerSession> {
    return new WorkerSession(listener, await listener.hold(LOCK_WORKER_NUMBER));
  }

  /** Undefined while there is no connection. */
  get number(): number | undefined {
    return this.#lock.row?.number;
  }

  newLease(worker: number): Lease {
    this.#leases = BigInt.asUintN(Number(COUNTER_BITS), this.#leases + 1n);
    return { worker, id: String((BigInt(worker) << COUNTER_BITS) | this.#leases) };
  }

  /**
   * Replaces the session with this number, unless that has happened. To be called if the session has ended and the
   * connection does not show it, or if it is unknown what a lease includes: the unknown part then ends soon.
   */
  abandon(number: number): void {
    if (this.number === number) this.#listener.reconnect();
  }
}
