// Only what stands between the two region lines is put into the rendered client.
import type { WebhookMessage } from './contract.ts';
import { IhfError, nameError } from './errors.ts';
import { randomKey } from './request.ts';

//#region rendered
/** The request is not from the hub, is too old, or was changed on its way. Answer it with 400. */
export class WebhookVerificationError extends IhfError {
  static {
    nameError(WebhookVerificationError, 'WebhookVerificationError');
  }
  declare readonly name: 'WebhookVerificationError';
}

export interface SignedWebhook {
  body: string;
  headers: Record<string, string>;
}

/**
 * The message of a webhook request, if the hub signed it (Standard Webhooks, `v1` and `v1a`). The same message may come
 * twice: its `webhook-id` header is the same then.
 *
 * @param body The bytes as they came, or their text. JSON that was parsed and written again has other bytes.
 * @param secret That of the subscription, `whsec_…`, or its public key, `whpk_…`; several while one is being rotated.
 *   A public key needs Ed25519 of the platform: Node 20 has it, Chromium since 137.
 * @param toleranceSeconds How old, or how far ahead of this clock, the message may be. Default: 300.
 */
export async function verifyWebhook(
  body: string | Uint8Array,
  headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>,
  secret: string | readonly string[],
  { toleranceSeconds = 300 }: { toleranceSeconds?: number | undefined } = {},
): Promise<WebhookMessage> {
  const keys = await Promise.all([secret].flat().map(keyOf));
  const [id, timestamp, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => {
    const value = headers instanceof Headers ? headers.get(name) : headers[name];
    if (!value) throw new WebhookVerificationError(`the header ${name} is missing`);
    return String(value);
  }) as [string, string, string];
  // What is no number is refused too.
  if (!(Math.abs(Date.now() / 1000 - Number(timestamp)) <= toleranceSeconds)) {
    throw new WebhookVerificationError('the message is too old, or its timestamp is ahead of this clock');
  }
  const text = typeof body === 'string' ? body : new TextDecoder().decode(body);
  for (const signature of signatures.split(' ')) {
    for (const { key, version, algorithm } of keys) {
      if (!signature.startsWith(version)) continue;
      const bytes = bytesOf(signature.slice(version.length));
      // It compares in a time that tells nothing.
      if (await crypto.subtle.verify(algorithm, key, bytes, encode(`${id}.${timestamp}.${text}`)))
        return JSON.parse(text);
    }
  }
  throw new WebhookVerificationError('no signature of the message is by this secret or public key');
}

/** The request that the hub would send with this message: to test a receiver. */
export async function signWebhook(
  message: WebhookMessage,
  secret: string,
  {
    id = `msg_${randomKey()}`,
    timestamp = Math.floor(Date.now() / 1000),
  }: {
    id?: string | undefined;
    /** Seconds since 1970. */
    timestamp?: number | undefined;
  } = {},
): Promise<SignedWebhook> {
  const body = JSON.stringify(message);
  const { key } = await secretKey(secret);
  const sign = async (text: string) => [...new Uint8Array(await crypto.subtle.sign('HMAC', key, encode(text)))];
  const signature = btoa(String.fromCharCode(...(await sign(`${id}.${timestamp}.${body}`))));
  const ofBody = (await sign(body)).map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return {
    body,
    headers: {
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': `v1,${signature}`,
      'x-ihf-event': message.type,
      'x-ihf-signature': `sha256=${ofBody}`,
    },
  };
}

/** What verifies the signatures of one version, and no others: a public key is never a secret. */
function keyOf(secret: string) {
  return secret?.startsWith('whpk_') ? publicKey(secret) : secretKey(secret);
}

async function secretKey(secret: string) {
  const bytes = bytesOf(secret?.startsWith('whsec_') ? secret.slice(6) : '');
  if (bytes.length === 0) throw new TypeError('a webhook secret is whsec_ and base64');
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', bytes, algorithm, false, ['sign', 'verify']);
  return { key, algorithm, version: 'v1,' };
}

async function publicKey(text: string) {
  const bytes = bytesOf(text.slice(5));
  if (bytes.length !== 32) throw new TypeError('a webhook public key is whpk_ and base64 of 32 bytes');
  const algorithm = { name: 'Ed25519' };
  const key = await crypto.subtle.importKey('raw', bytes, algorithm, false, ['verify']).catch((cause) => {
    throw new TypeError('this platform has no Ed25519: give the webhook secret, not its public key', { cause });
  });
  return { key, algorithm, version: 'v1a,' };
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** Of what is no base64: none. */
function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}
//#endregion
