import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { SigningKeys } from './signature.ts';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Thrown when signing keys cannot be decrypted: the secret key has changed, or the stored bytes have. */
export class SecretDecryptionError extends Error {
  constructor() {
    super('The signing keys cannot be decrypted. Set IHF_SECRET_KEY to the value with which they were encrypted.');
  }
}

/** Encrypts the signing keys in the database with AES-256-GCM under the configured key. */
export class SecretBox {
  readonly #key: Buffer;
  readonly #previous: Buffer | undefined;

  /** @param previous decrypts what was encrypted before a rotation of the key. */
  constructor(key: Buffer, previous?: Buffer) {
    this.#key = key;
    this.#previous = previous;
  }

  /** @param owner the id of the subscription; the keys cannot be decrypted for another one. */
  seal(keys: SigningKeys, owner: string): Buffer {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.#key, nonce).setAAD(Buffer.from(owner));
    const sealed = Buffer.concat([cipher.update(JSON.stringify(keys)), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
  }

  /** @throws {SecretDecryptionError} */
  open(sealed: Buffer, owner: string): SigningKeys {
    const keys = decrypt(this.#key, sealed, owner) ?? (this.#previous && decrypt(this.#previous, sealed, owner));
    if (!keys) throw new SecretDecryptionError();
    return keys;
  }

  /** The same keys encrypted under the current key; undefined if they are already. @throws {SecretDecryptionError} */
  reseal(sealed: Buffer, owner: string): Buffer | undefined {
    return decrypt(this.#key, sealed, owner) ? undefined : this.seal(this.open(sealed, owner), owner);
  }
}

/** Undefined if the keys were encrypted under another key, or for another owner. */
function decrypt(key: Buffer, sealed: Buffer, owner: string): SigningKeys | undefined {
  try {
    const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, NONCE_BYTES))
      .setAAD(Buffer.from(owner))
      .setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    const opened = [decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()];
    return JSON.parse(Buffer.concat(opened).toString());
  } catch {
    return undefined;
  }
}
