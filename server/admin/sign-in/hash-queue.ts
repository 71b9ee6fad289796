import { IhfError } from '../../errors.ts';

/** Maximum number of works that run or wait, in total and of one client. Ten take about 1 s on an idle core. */
const LIMITS = { total: 10, perClient: 4 };
const RETRY_AFTER_S = 2;

/** Runs work with password hashes, one at a time: otherwise strangers could occupy the server with them. */
export class HashQueue {
  readonly #clients = new Map<string, number>();
  #accepted = 0;
  #last: Promise<unknown> = Promise.resolve();

  /**
   * @param client the network of the client.
   * @throws IhfError too_many_requests if too many wait already; the work has not begun then.
   */
  async run<T>(client: string, work: () => Promise<T>): Promise<T> {
    const ofClient = this.#clients.get(client) ?? 0;
    if (this.#accepted >= LIMITS.total || ofClient >= LIMITS.perClient) throw tooMany();
    this.#accepted += 1;
    this.#clients.set(client, ofClient + 1);
    const result = this.#last.then(work);
    this.#last = result.catch(() => {});
    try {
      return await result;
    } finally {
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
