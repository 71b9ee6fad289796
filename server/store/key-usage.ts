import { touchKeys } from './api-keys.ts';
import type { Db } from './database.ts';

/** How far `last_used_at` may lag behind. */
const FLUSH_MS = 5_000;

/** Notes which keys were used, and writes it down now and then: a request pays a set insertion for it. */
export class KeyUsage {
  readonly #db: Db;
  readonly #used = new Set<string>();
  readonly #timer: NodeJS.Timeout;

  constructor(db: Db) {
    this.#db = db;
    this.#timer = setInterval(() => void this.flush().catch(() => {}), FLUSH_MS).unref();
  }

  note(keyId: string): void {
    this.#used.add(keyId);
  }

  async flush(): Promise<void> {
    if (this.#used.size === 0) return;
    const ids = [...this.#used];
    this.#used.clear();
    await touchKeys(this.#db, ids).catch((error) => {
      for (const id of ids) this.#used.add(id);
      throw error;
    });
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }
}
