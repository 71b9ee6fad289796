interface Waiting<Item, Result> {
  item: Item;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/** More items in one statement cost as much each, and delay the first ones. */
export const MAX_BATCH_SIZE = 500;

/**
 * Runs the items of concurrent callers as one statement, without a timer: the next batch is everything that arrived in
 * one turn of the event loop, or while the previous statement was running. A single caller therefore never waits.
 */
export class Batcher<Item, Result> {
  readonly #run: (items: readonly Item[]) => Promise<readonly Result[]>;
  #waiting: Waiting<Item, Result>[] = [];
  #running = false;
  /** Runs after all sockets of this turn of the event loop were read. */
  #immediate: NodeJS.Immediate | undefined;

  /**
   * @param run runs a batch and returns one result per item, in order. It starts after each of its items was submitted,
   *   and never while another batch runs.
   */
  constructor(run: (items: readonly Item[]) => Promise<readonly Result[]>) {
    this.#run = run;
  }

  /** @throws what `run` throws, for every item of the batch. */
  submit(item: Item): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#immediate ??= setImmediate(() => {
        this.#immediate = undefined;
        this.#next();
      });
    });
  }

  #next(): void {
    if (this.#running || this.#waiting.length === 0) return;
    const batch = this.#waiting.splice(0, MAX_BATCH_SIZE);
    this.#running = true;
    this.#run(batch.map(({ item }) => item))
      .then(
        (results) => batch.forEach(({ resolve }, index) => void resolve(results[index] as Result)),
        (error) => batch.forEach(({ reject }) => void reject(error)),
      )
      .finally(() => {
        this.#running = false;
        this.#next();
      });
  }
}
