interface Waiting<In, Out> {
  item: In;
  settle(outcome: Out): void;
  fail(error: unknown): void;
}

const MAX_BATCH_SIZE = 500;

/**
 * Puts what several callers ask for at once into one statement, without a timer: whatever came in one turn of the event
 * loop, or while the last statement was in flight, goes into the next one. A caller that meets nobody is served at once.
 */
export class Batcher<In, Out> {
  readonly #run: (items: readonly In[]) => Promise<readonly Out[]>;
  #waiting: Waiting<In, Out>[] = [];
  #busy = false;
  /** Runs when all that the sockets have is read. */
  #turn: NodeJS.Immediate | undefined;

  /** @param run Serves a group: one outcome an item, in order. It begins after each of them was submitted. */
  constructor(run: (items: readonly In[]) => Promise<readonly Out[]>) {
    this.#run = run;
  }

  submit(item: In): Promise<Out> {
    return new Promise<Out>((settle, fail) => {
      this.#waiting.push({ item, settle, fail });
      this.#turn ??= setImmediate(() => {
        this.#turn = undefined;
        this.#next();
      });
    });
  }

  #next(): void {
    if (this.#busy || this.#waiting.length === 0) return;
    const group = this.#waiting.splice(0, MAX_BATCH_SIZE);
    this.#busy = true;
    this.#run(group.map(({ item }) => item))
      .then(
        (outcomes) => group.forEach(({ settle }, index) => void settle(outcomes[index] as Out)),
        (error) => group.forEach(({ fail }) => void fail(error)),
      )
      .finally(() => {
        this.#busy = false;
        this.#next();
      });
  }
}
