import type { WebhookWorker } from './worker.ts';
import type { WorkerNotifier } from './worker-notifier.ts';

/** Hands the messages of a transaction to the worker of this node, which need not search for them. */
export class MessageHandover {
  readonly #worker: WebhookWorker | undefined;
  readonly #notifier: WorkerNotifier;

  /** @param worker undefined: other processes deliver, and are notified. */
  constructor(worker: WebhookWorker | undefined, notifier: WorkerNotifier) {
    this.#worker = worker;
    this.#notifier = notifier;
  }

  /**
   * Runs an insert that can queue messages, in a transaction of its own.
   * @param insert gets the value of the variable `ihf.webhook_lease` in its transaction.
   */
  async run<Result>(hubIds: readonly string[], insert: (lease: string) => Promise<Result>): Promise<Result> {
    const worker = this.#worker;
    const lease = this.#notifier.enabled ? worker?.offerLease() : undefined;
    if (!worker || !lease) {
      const result = await insert('');
      this.#notifier.notify();
      return result;
    }
    let result: Result;
    try {
      result = await insert(`${lease.worker} ${lease.id} ${worker.leaseSeconds}`);
    } catch (error) {
      worker.abandonLease(lease); // it may have committed
      throw error;
    }
    worker.collect(lease, [...new Set(hubIds)]).then(
      (isClaimable) => isClaimable && this.#notifier.notify(),
      () => worker.abandonLease(lease),
    );
    return result;
  }
}
