import { type Admission, admit, admitItems, type PresentedCredential, type Usage } from '../store/access/admissions.ts';
import type { Identity } from '../store/access/identities.ts';
import type { Db } from '../store/database/database.ts';
import { Batcher } from './batcher.ts';

interface Denial {
  admission: Admission;
  /** On this process's own clock, which nobody sets. */
  until: number;
}

/** So many credentials are remembered as denied; further ones cost a statement each. */
const REMEMBERED = 10_000;

/**
 * Identifies and admits, in one statement for all requests that wait. Of what it learns it keeps denials alone, for as
 * long as their window lasts: a revoked key or a suspended manifest is so for the next request, on every node.
 */
export class Authenticator {
  readonly #db: Db;
  readonly #gatherer: Batcher<PresentedCredential, Admission | undefined>;
  readonly #denials = new Map<string, Denial>();

  /** @param db counts are kept through a crash of a node, but need not outlive one of Postgres by the millisecond. */
  constructor(db: Db) {
    this.#db = db;
    this.#gatherer = new Batcher((presented) => admit(db, presented));
  }

  /** @throws IhfError unavailable if the database does not answer: nobody is admitted on trust. */
  async admit(presented: PresentedCredential): Promise<Admission | undefined> {
    const id = presented.hash.toString('base64');
    const denial = this.#denials.get(id);
    if (denial && performance.now() < denial.until) return remaining(denial);
    if (denial) this.#denials.delete(id);
    const admission = await this.#gatherer.submit(presented);
    if (admission?.usage && !admission.admitted && this.#denials.size < REMEMBERED) {
      this.#denials.set(id, { admission, until: performance.now() + violatedEndsMs(admission.usage) });
    }
    return admission;
  }

  /** Whether the further items of an admitted request fit the daily quota. */
  admitItems(identity: Identity, usage: Usage, items: number): Promise<boolean> {
    return admitItems(this.#db, identity, usage, items);
  }

  /** Forgets who was denied: somebody's limits were changed. */
  clearDenials(): void {
    this.#denials.clear();
  }
}

/** How long the window lasts whose limit is used up. */
export function violatedEndsMs(usage: Usage): number {
  return usage.day_left <= 0 ? usage.day_ends_ms : usage.minute_ends_ms;
}

function remaining({ admission, until }: Denial): Admission {
  const usage = admission.usage as Usage;
  const passed = violatedEndsMs(usage) - (until - performance.now());
  const later = { minute_ends_ms: usage.minute_ends_ms - passed, day_ends_ms: usage.day_ends_ms - passed };
  return { ...admission, usage: { ...usage, ...later } };
}
