import { IhfError } from '../../errors.ts';

export interface HashQueueLimits {
  /** Number of hashes at a time. Each takes a thread of the pool that DNS lookups and files use too, and 64 MiB. */
  concurrency: number;
  /** Maximum number of hashes that run or wait, in total and of one client. */
  total: number;
  perClient: number;
}

/** One at a time leaves the other cores to callers, and ten wait at most 1 s: a hash takes about 0.1 s of one core. */
const LIMITS: HashQueueLimits = { concurrency: 1, total: 10, perClient: 4 };
const RETRY_AFTER_S = 2;

/** Runs password hashes, one or few at a time: otherwise strangers could occupy the server with them. */
export class HashQueue {
  readonly #limits: HashQueueLimits;
  readonly #clients = new Map<string, number>();
  readonly #waiting: (() => void)[] = [];
  #accepted = 0;
  #running = 0;

  constructor(limits: HashQueueLimits = LIMITS) {
    this.#limits = limits;
  }

  /**
   * @param client the network of the client.
   * @throws IhfError too_many_requests if too many hashes wait already.
   */
  async run<T>(client: string, hash: () => Promise<T>): Promise<T> {
    const ofClient = this.#clients.get(client) ?? 0;
    if (this.#accepted >= this.#limits.total || ofClient >= this.#limits.perClient) throw tooMany();
    this.#accepted += 1;
    this.#clients.set(client, ofClient + 1);
    try {
      if (this.#running >= this.#limits.concurrency) await new Promise<void>((resolve) => this.#waiting.push(resolve));
      else this.#running += 1;
      return await hash();
    } finally {
      // The next one takes over the place of this one.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
      this.#accepted -= 1;
      const left = (this.#clients.get(client) ?? 1) - 1;
      if (left > 0) this.#clients.set(client, left);
      else this.#clients.delete(client);
    }
  }
}

function tooMany(): IhfError {
  const detail = `Too many passwords are being checked at the moment. Try again in ${RETRY_AFTER_S} s.`;
  return new IhfError('too_many_requests', detail, { headers: { 'Retry-After': String(RETRY_AFTER_S) } });
}
