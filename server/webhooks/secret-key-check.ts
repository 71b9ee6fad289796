import type { Db } from '../store/database/database.ts';
import { findOrStoreSecretKeyCheck, replaceSecretKeyCheck } from '../store/webhooks/sealed-keys.ts';
import { type SecretBox, SecretDecryptionError } from './secret-box.ts';

/** The owner under which the value is encrypted. */
const OWNER = 'secret_key_check';

/**
 * Checks the secret key against a value that the first start encrypted under it.
 * @throws Error with the remedy: with another key, the server could sign no message.
 */
export async function verifySecretKey(db: Db, box: SecretBox): Promise<void> {
  const sealed = await findOrStoreSecretKeyCheck(db, box.seal({ secret: OWNER }, OWNER));
  try {
    box.open(sealed, OWNER);
  } catch (error) {
    if (!(error instanceof SecretDecryptionError)) throw error;
    throw new Error(
      'IHF_SECRET_KEY must be the key with which the secrets in this database were encrypted. Set it to that key; to ' +
        "change the key, set IHF_SECRET_KEY_PREVIOUS to it too, and run 'ihf secrets rotate'.",
    );
  }
}

/** Encrypts the value under the current key. */
export async function rotateSecretKeyCheck(db: Db, box: SecretBox): Promise<void> {
  const resealed = box.reseal(await findOrStoreSecretKeyCheck(db, box.seal({ secret: OWNER }, OWNER)), OWNER);
  if (resealed) await replaceSecretKeyCheck(db, resealed);
}
