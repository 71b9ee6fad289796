import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { SigningKeys } from './signature.ts';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Thrown where sealed keys cannot be opened: the key is another one, or the bytes were changed. */
export class SecretDecryptionError extends Error {
  constructor() {
    super('The signing keys cannot be decrypted. Give IHF_SECRET_KEY the value with which they were stored.');
  }
}

/** Keeps signing keys unreadable in the database: AES-256-GCM under the key of the configuration. */
export class SecretBox {
  readonly #key: Buffer;

  constructor(key: Buffer) {
    this.#key = key;
  }

  /** @param owner What the keys belong to: they cannot be opened as another's. */
  seal(keys: SigningKeys, owner: string): Buffer {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.#key, nonce).setAAD(Buffer.from(owner));
    const sealed = Buffer.concat([cipher.update(JSON.stringify(keys)), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
  }

  /** @throws {SecretDecryptionError} */
  open(sealed: Buffer, owner: string): SigningKeys {
    try {
      const decipher = createDecipheriv(CIPHER, this.#key, sealed.subarray(0, NONCE_BYTES))
        .setAAD(Buffer.from(owner))
        .setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
      const opened = [decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()];
      return JSON.parse(Buffer.concat(opened).toString());
    } catch {
      throw new SecretDecryptionError();
    }
  }
}
