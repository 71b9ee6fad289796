import { createHmac, createPrivateKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** What a delivery is signed with. During a rotation, a subscription has two sets. */
export interface SigningKeys {
  /** `whsec_` and base64: the key of HMAC-SHA256. */
  secret: string;
  /** `whsk_` and base64, seed and public key: the ed25519 key; only for asymmetric subscriptions. */
  privateKey?: string | undefined;
}

export interface SignedMessage {
  id: string;
  topic: string;
  /** Unix time of this attempt, in seconds: receivers reject timestamps that are more than a few minutes old. */
  timestamp: number;
  body: string;
}

const SECRET = 'whsec_';
const PRIVATE_KEY = 'whsk_';
const PUBLIC_KEY = 'whpk_';

export function newSecret(): string {
  return SECRET + randomBytes(32).toString('base64');
}

export function newKeyPair(): { privateKey: string; publicKey: string } {
  const { d = '', x = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const [seed, publicKey] = [Buffer.from(d, 'base64url'), Buffer.from(x, 'base64url')];
  return {
    privateKey: PRIVATE_KEY + Buffer.concat([seed, publicKey]).toString('base64'),
    publicKey: PUBLIC_KEY + publicKey.toString('base64'),
  };
}

/**
 * The headers that authenticate a message: those of Standard Webhooks with a signature per key, and `X-IHF-Event` and
 * `X-IHF-Signature`, which holds one signature, by the first key.
 */
export function signedHeaders(message: SignedMessage, keys: readonly [SigningKeys, ...SigningKeys[]]) {
  const content = `${message.id}.${message.timestamp}.${message.body}`;
  const signatures = keys.flatMap(({ secret, privateKey }) => [
    `v1,${hmac(secret, content).toString('base64')}`,
    ...(privateKey ? [`v1a,${ed25519(privateKey, content).toString('base64')}`] : []),
  ]);
  return {
    'webhook-id': message.id,
    'webhook-timestamp': String(message.timestamp),
    'webhook-signature': signatures.join(' '),
    'x-ihf-event': message.topic,
    'x-ihf-signature': `sha256=${hmac(keys[0].secret, message.body).toString('hex')}`,
  };
}

function hmac(secret: string, content: string): Buffer {
  return createHmac('sha256', bytesOf(secret, SECRET)).update(content).digest();
}

function ed25519(privateKey: string, content: string): Buffer {
  const bytes = bytesOf(privateKey, PRIVATE_KEY);
  const [d, x] = [bytes.subarray(0, 32), bytes.subarray(32)].map((part) => part.toString('base64url'));
  const key = createPrivateKey({ key: { kty: 'OKP', crv: 'Ed25519', d, x }, format: 'jwk' });
  return sign(null, Buffer.from(content), key);
}

function bytesOf(text: string, prefix: string): Buffer {
  if (!text.startsWith(prefix)) throw new Error(`A signing key must start with ${prefix}.`);
  return Buffer.from(text.slice(prefix.length), 'base64');
}
