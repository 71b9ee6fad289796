import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/**
 * The prefixes of the credentials that the server issues. A credential is its prefix (by which scanners find leaked
 * secrets), 43 base62 characters of 256 random bits, and 6 of their CRC-32, which reveals a mistyped credential without a
 * query.
 */
export const CREDENTIAL_KINDS = {
  key: 'ihf_live_',
  secret: 'ihf_secret_',
  token: 'ihf_token_',
  installation: 'ihf_installation_',
} as const;
export type CredentialKind = keyof typeof CREDENTIAL_KINDS;

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const BITS = 256;
const RANDOM_LENGTH = 43;
const CHECKSUM_LENGTH = 6;
/** How many of the 43 random characters are stored and shown after the prefix. */
const SHOWN_LENGTH = 6;

export interface NewCredential {
  /** The secret itself: returned once, never stored. */
  secret: string;
  hash: Buffer;
  /** The first characters of the secret, for display. */
  prefix: string;
}

export function newCredential(kind: CredentialKind): NewCredential {
  const random = base62(BigInt(`0x${randomBytes(BITS / 8).toString('hex')}`), RANDOM_LENGTH);
  const secret = `${CREDENTIAL_KINDS[kind]}${random}${checksumOf(random)}`;
  return { secret, hash: hashCredential(secret), prefix: prefixOf(secret, kind) };
}

/** The kind of a credential; undefined if its format or its checksum is wrong. */
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

/** Matches a credential of any kind, or a part of one, anywhere in a text; webhook secrets too. */
const CREDENTIAL = new RegExp(`${Object.values(CREDENTIAL_KINDS).join('|')}|whs(?:ec|k)_`, 'i');

/** Whether a text that should not contain a credential seems to contain one, such as the value of a wrong header. */
export function containsCredential(text: string): boolean {
  return CREDENTIAL.test(text);
}

/** The SHA-256 hash that is stored instead of a secret. */
export function hashCredential(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** 256 random bits for an operator's session or invitation link. */
export function newOperatorToken(): string {
  return randomBytes(BITS / 8).toString('base64url');
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
