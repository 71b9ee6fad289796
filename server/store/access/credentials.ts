import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/**
 * The secrets that the hub hands out. Each is a prefix that says what it is (and that scanners of leaked secrets can
 * find), 43 base62 characters that hold 256 bits of the system's generator, and 6 that hold their CRC-32: a mistyped
 * secret is known as such without asking the database.
 */
export const CREDENTIAL_KINDS = { key: 'ihf_live_', secret: 'ihf_secret_', token: 'ihf_token_' } as const;
export type CredentialKind = keyof typeof CREDENTIAL_KINDS;

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const BITS = 256;
const RANDOM_LENGTH = 43;
const CHECKSUM_LENGTH = 6;
/** How much of a secret is stored and shown: the prefix and a few characters of 43. */
const SHOWN_LENGTH = 6;

export interface NewCredential {
  /** The secret itself: shown once, never stored. */
  secret: string;
  hash: Buffer;
  /** Its beginning, for display. */
  prefix: string;
}

export function newCredential(kind: CredentialKind): NewCredential {
  const random = base62(BigInt(`0x${randomBytes(BITS / 8).toString('hex')}`), RANDOM_LENGTH);
  const secret = `${CREDENTIAL_KINDS[kind]}${random}${checksumOf(random)}`;
  return { secret, hash: hashCredential(secret), prefix: prefixOf(secret, kind) };
}

/** What kind of credential this is; undefined if it cannot be one of ours, by its form or its checksum. */
export function credentialKind(text: string): CredentialKind | undefined {
  for (const kind of Object.keys(CREDENTIAL_KINDS) as CredentialKind[]) {
    if (!text.startsWith(CREDENTIAL_KINDS[kind])) continue;
    const rest = text.slice(CREDENTIAL_KINDS[kind].length);
    if (!/^[0-9A-Za-z]{49}$/.test(rest)) return undefined;
    const random = rest.slice(0, RANDOM_LENGTH);
    return rest.slice(RANDOM_LENGTH) === checksumOf(random) ? kind : undefined;
  }
  return undefined;
}

/** SHA-256 of a secret, as it is stored. */
export function hashCredential(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

function prefixOf(secret: string, kind: CredentialKind): string {
  return secret.slice(0, CREDENTIAL_KINDS[kind].length + SHOWN_LENGTH);
}

function checksumOf(random: string): string {
  return base62(BigInt(crc32(random)), CHECKSUM_LENGTH);
}

function base62(value: bigint, length: number): string {
  let rest = value;
  let text = '';
  while (text.length < length) {
    text = ALPHABET[Number(rest % 62n)] + text;
    rest /= 62n;
  }
  return text;
}
