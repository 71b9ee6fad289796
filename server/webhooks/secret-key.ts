import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const HOW_TO_GENERATE = 'Generate a key with: openssl rand -base64 32';
const KEY_BYTES = 32;

/** The settings that decide where the key for encrypting signing keys comes from. */
export interface SecretKeySource {
  /** The value of IHF_SECRET_KEY. */
  secretKey: string | undefined;
  /** The value of IHF_SECRET_KEY_PREVIOUS. */
  previousSecretKey?: string | undefined;
  databaseUrl: string | undefined;
  dataDir: string;
}

export interface SecretKeys {
  /** Encrypts, and decrypts first. */
  secretKey: Buffer;
  /** Only decrypts: what was encrypted before a rotation. */
  previousSecretKey?: Buffer | undefined;
}

/** @throws Error that names the variable and the remedy. */
export function readSecretKeys(source: SecretKeySource): {
  secretKey: Buffer;
  previousSecretKey: Buffer | undefined;
} {
  const previous = source.previousSecretKey;
  const previousSecretKey = previous === undefined ? undefined : decode(previous, 'IHF_SECRET_KEY_PREVIOUS');
  const secretKey = readSecretKey(source);
  if (previousSecretKey?.equals(secretKey)) {
    throw new Error(
      'IHF_SECRET_KEY_PREVIOUS must differ from IHF_SECRET_KEY. Remove it, or set IHF_SECRET_KEY to the new key.',
    );
  }
  return { secretKey, previousSecretKey };
}

/**
 * Returns the configured key. With the embedded Postgres, the first start generates one and stores it beside the data.
 * @throws Error that says how to generate one: a shared database must not depend on a file on one machine.
 */
export function readSecretKey({ secretKey, databaseUrl, dataDir }: SecretKeySource): Buffer {
  if (secretKey !== undefined) return decode(secretKey, 'IHF_SECRET_KEY');
  if (databaseUrl !== undefined) {
    throw new Error(
      'IHF_SECRET_KEY must be set when DATABASE_URL is set. It encrypts the webhook secrets in the database and must be ' +
        `the same on all nodes. ${HOW_TO_GENERATE}`,
    );
  }
  const file = join(dataDir, 'secret.key');
  try {
    return decode(readFileSync(file, 'utf8').trim(), file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  createKeyFile(file, dataDir);
  return decode(readFileSync(file, 'utf8').trim(), file);
}

/** The file appears under its name only when it is complete, and never replaces one that another process created. */
function createKeyFile(file: string, dataDir: string): void {
  mkdirSync(dataDir, { recursive: true });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${randomBytes(KEY_BYTES).toString('base64')}\n`, { mode: 0o600 });
  chmodSync(draft, 0o600);
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft);
  }
}

function decode(text: string, source: string): Buffer {
  const key = Buffer.from(text, 'base64');
  if (key.length === KEY_BYTES && /^[A-Za-z0-9+/]{43}=$/.test(text)) return key;
  // The message must not contain the value: even an invalid one is a secret.
  throw new Error(`${source} must be 32 bytes in base64 (44 characters). ${HOW_TO_GENERATE}`);
}
