import type { Db } from '../store/database/database.ts';
import { listSealedKeys, replaceSealedKeys } from '../store/webhooks/sealed-keys.ts';
import { type SecretBox, SecretDecryptionError } from './secret-box.ts';
import { rotateSecretKeyCheck } from './secret-key-check.ts';

const PAGE_SIZE = 200;
const LOWEST_ID = '00000000-0000-0000-0000-000000000000';

export interface SecretRotation {
  /** The number of subscriptions whose keys were encrypted under the current key. */
  rotated: number;
  /** The subscriptions whose keys neither key decrypts. */
  unreadable: string[];
}

/**
 * Encrypts all signing keys under the current key. Each subscription is a commit of its own: after an interruption the next
 * run continues with the rest. What changes meanwhile was encrypted under the current key, or is found by the next pass.
 */
export async function rotateSecrets(db: Db, box: SecretBox): Promise<SecretRotation> {
  const rotated = new Set<string>();
  for (;;) {
    const pass = await rotateOnce(db, box);
    for (const id of pass.rotated) rotated.add(id);
    if (pass.rotated.length > 0) continue;
    // Last: until then, a start with the previous key alone finds what it can decrypt.
    if (pass.unreadable.length === 0) await rotateSecretKeyCheck(db, box);
    return { rotated: rotated.size, unreadable: pass.unreadable };
  }
}

async function rotateOnce(db: Db, box: SecretBox): Promise<{ rotated: string[]; unreadable: string[] }> {
  const rotated: string[] = [];
  const unreadable: string[] = [];
  for (let after = LOWEST_ID; ; ) {
    const page = await listSealedKeys(db, after, PAGE_SIZE);
    for (const subscription of page) {
      try {
        for (const sealed of [subscription.keys, subscription.previous_keys]) {
          const resealed = sealed && box.reseal(sealed, subscription.id);
          if (!resealed) continue;
          await replaceSealedKeys(db, subscription, sealed, resealed);
          rotated.push(subscription.id);
        }
      } catch (error) {
        if (!(error instanceof SecretDecryptionError)) throw error;
        unreadable.push(subscription.id);
      }
    }
    const last = page.at(-1);
    if (!last || page.length < PAGE_SIZE) return { rotated, unreadable };
    after = last.id;
  }
}
