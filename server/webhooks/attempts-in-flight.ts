import type { ClaimedMessage } from '../store/webhooks/queue.ts';

type DeliveryKey = Pick<ClaimedMessage, 'lease_id' | 'subscription_id' | 'message_id'>;

interface Attempt {
  message: ClaimedMessage;
  abort: AbortController;
  ended: Promise<void>;
}

/** The attempts of one worker that have not ended and been recorded. */
export class AttemptsInFlight {
  readonly #attempts = new Map<string, Attempt>();

  get size(): number {
    return this.#attempts.size;
  }

  messages(): ClaimedMessage[] {
    return [...this.#attempts.values()].map(({ message }) => message);
  }

  /** @param attempt must not throw. */
  run(message: ClaimedMessage, attempt: (signal: AbortSignal) => Promise<void>): void {
    const key = keyOf(message);
    if (this.#attempts.has(key)) return;
    const abort = new AbortController();
    const ended = attempt(abort.signal).finally(() => this.#attempts.delete(key));
    this.#attempts.set(key, { message, abort, ended });
  }

  /** Aborts those of the attempts whose leases have ended: another worker may make them at this moment. */
  keepOnly(attempts: readonly ClaimedMessage[], leased: readonly DeliveryKey[]): void {
    const kept = new Set(leased.map(keyOf));
    for (const key of attempts.map(keyOf)) if (!kept.has(key)) this.#attempts.get(key)?.abort.abort();
  }

  async ended(): Promise<void> {
    await Promise.all([...this.#attempts.values()].map(({ ended }) => ended));
  }
}

function keyOf({ lease_id, subscription_id, message_id }: DeliveryKey): string {
  return `${lease_id} ${subscription_id} ${message_id}`;
}
