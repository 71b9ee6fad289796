import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const HOW = 'Make one with: openssl rand -base64 32';
const KEY_BYTES = 32;

/** Where the key that seals signing keys comes from. */
export interface SecretKeySource {
  /** The value of IHF_SECRET_KEY. */
  secretKey: string | undefined;
  databaseUrl: string | undefined;
  dataDir: string;
}

/**
 * The key of the configuration. A hub with its own Postgres makes one on the first start and keeps it beside the data.
 * @throws Error that says how to make one: a shared database must not depend on a file of one machine.
 */
export function readSecretKey({ secretKey, databaseUrl, dataDir }: SecretKeySource): Buffer {
  if (secretKey !== undefined) return decode(secretKey, 'IHF_SECRET_KEY');
  if (databaseUrl !== undefined) {
    throw new Error(
      'DATABASE_URL is set and IHF_SECRET_KEY is not. It encrypts the webhook secrets in the database, and every ' +
        `node needs the same. ${HOW}`,
    );
  }
  const file = join(dataDir, 'secret.key');
  try {
    return decode(readFileSync(file, 'utf8').trim(), file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  makeOnce(file, dataDir);
  return decode(readFileSync(file, 'utf8').trim(), file);
}

/** Appears under its name when it is whole, and never replaces another's. */
function makeOnce(file: string, dataDir: string): void {
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

function decode(text: string, where: string): Buffer {
  const key = Buffer.from(text, 'base64');
  if (key.length === KEY_BYTES && /^[A-Za-z0-9+/]{43}=$/.test(text)) return key;
  // The value itself stays out of the message: it is a secret, if a faulty one.
  throw new Error(`${where} is not 32 bytes in base64 (44 characters). ${HOW}`);
}
