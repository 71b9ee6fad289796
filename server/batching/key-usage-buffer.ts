import type { Identity } from '../store/access/identities.ts';
import { type KeyUse, writeKeyUses } from '../store/access/key-usage.ts';
import type { Db } from '../store/database/database.ts';

/** How far `last_used_at`, and the count of requests, may lag behind. */
const FLUSH_MS = 5_000;

/** Notes which keys were used, and how often, and writes it down now and then: a request pays a look into a map for it. */
export class KeyUsageBuffer {
  readonly #db: Db;
  #used = new Map<string, KeyUse>();
  readonly #timer: NodeJS.Timeout;

  constructor(db: Db) {
    this.#db = db;
    this.#timer = setInterval(() => void this.flush().catch(() => {}), FLUSH_MS).unref();
  }

  /** @param sdk what the caller says of itself in `IHF-SDK`. */
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
