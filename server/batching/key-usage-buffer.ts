import type { Identity } from '../store/access/identities.ts';
import { type KeyUse, writeKeyUses } from '../store/access/key-usage.ts';
import type { Db } from '../store/database/database.ts';

/** Maximum delay of `last_used_at` and of the request counts in the database. */
const FLUSH_MS = 5_000;

/** Counts the uses of each key in memory and stores them every few seconds: a request costs one lookup in a map. */
export class KeyUsageBuffer {
  readonly #db: Db;
  #used = new Map<string, KeyUse>();
  readonly #timer: NodeJS.Timeout;

  constructor(db: Db) {
    this.#db = db;
    this.#timer = setInterval(() => void this.flush().catch(() => {}), FLUSH_MS).unref();
  }

  /** @param sdk the `IHF-SDK` header of the request. */
  note({ hub_id, credential_id: key_id }: Pick<Identity, 'hub_id' | 'credential_id'>, sdk: string | undefined): void {
    const known = this.#used.get(key_id);
    if (known) Object.assign(known, { requests: known.requests + 1, sdk });
    else this.#used.set(key_id, { hub_id, key_id, requests: 1, sdk });
  }

  async flush(): Promise<void> {
    if (this.#used.size === 0) return;
    const uses = this.#used;
    this.#used = new Map();
    await writeKeyUses(this.#db, [...uses.values()]).catch((error) => {
      for (const use of uses.values()) {
        const since = this.#used.get(use.key_id);
        this.#used.set(use.key_id, since ? { ...since, requests: since.requests + use.requests } : use);
      }
      throw error;
    });
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }
}
