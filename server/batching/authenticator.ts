import type { Admission, PresentedCredential, Usage } from '../store/access/admissions.ts';
import type { Identity } from '../store/access/identities.ts';
import { Batcher } from './batcher.ts';

/** Maximum number of remembered denials. Beyond it the oldest are forgotten and cost a statement again. */
const MAX_DENIALS = 10_000;

interface Denial {
  admission: Admission;
  /** Time of the monotonic clock at which the exceeded window ends. */
  until: number;
}

/** The statements of an authenticator; see `store/access/admissions.ts`. */
export interface AdmissionStore {
  admit(presented: readonly PresentedCredential[]): Promise<readonly (Admission | undefined)[]>;
  admitItems(identity: Identity, usage: Usage, items: number): Promise<boolean>;
}

/**
 * Authenticates callers and counts their requests, with one statement for all waiting requests. It remembers only denials
 * by a limit, until the window ends, so that a revoked key or a suspended manifest takes effect with the next request on
 * every node.
 */
export class Authenticator {
  readonly #store: AdmissionStore;
  readonly #batcher: Batcher<PresentedCredential, Admission | undefined>;
  readonly #denials = new Map<string, Denial>();
  /** Incremented when limits change: a result of a statement that ran before is not remembered. */
  #limitsVersion = 0;

  constructor(store: AdmissionStore) {
    this.#store = store;
    this.#batcher = new Batcher((presented) => store.admit(presented));
  }

  /**
   * Undefined if there is no such credential.
   * @throws IhfError unavailable if the database does not respond: no request is admitted without it.
   */
  async admit(presented: PresentedCredential): Promise<Admission | undefined> {
    const id = presented.hash.toString('base64');
    const denial = this.#denials.get(id);
    if (denial && performance.now() < denial.until) return withTimeLeft(denial);
    if (denial) this.#denials.delete(id);
    const version = this.#limitsVersion;
    const admission = await this.#batcher.submit(presented);
    if (admission && version === this.#limitsVersion) this.#remember(id, admission);
    return admission;
  }

  /** Counts the further items of an admitted request against the daily quota; returns whether they fit. */
  admitItems(identity: Identity, usage: Usage, items: number): Promise<boolean> {
    return this.#store.admitItems(identity, usage, items);
  }

  /** Call it when the limits of a consumer change. */
  clearDenials(): void {
    this.#limitsVersion += 1;
    this.#denials.clear();
  }

  #remember(id: string, admission: Admission): void {
    const { admitted, usage } = admission;
    if (admitted || !usage) return;
    this.#denials.set(id, { admission, until: performance.now() + violatedEndsMs(usage) });
    const oldest = this.#denials.keys().next();
    if (this.#denials.size > MAX_DENIALS && !oldest.done) this.#denials.delete(oldest.value);
  }
}

/** Milliseconds until the window of the exceeded limit ends. */
export function violatedEndsMs(usage: Usage): number {
  return usage.day_left <= 0 ? usage.day_ends_ms : usage.minute_ends_ms;
}

function withTimeLeft({ admission, until }: Denial): Admission {
  const usage = admission.usage as Usage;
  const passed = violatedEndsMs(usage) - (until - performance.now());
  const left = { minute_ends_ms: usage.minute_ends_ms - passed, day_ends_ms: usage.day_ends_ms - passed };
  return { ...admission, usage: { ...usage, ...left } };
}
