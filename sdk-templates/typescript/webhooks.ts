// Only the text between the two region lines becomes part of the rendered client.
import type { WebhookMessage } from './contract.ts';
import { IhfError, nameError } from './errors.ts';
import { randomKey } from './request.ts';

//#region rendered
/** The request was not sent by the server, was altered, or is too old. Return 400. */
export class WebhookVerificationError extends IhfError {
  static {
    nameError(WebhookVerificationError, 'WebhookVerificationError');
  }
  declare readonly name: 'WebhookVerificationError';
}

/** The headers of a webhook request, with names in any case. */
export type WebhookHeaders =
  | Headers
  | Iterable<readonly [string, string]>
  | Readonly<Record<string, string | readonly string[] | undefined>>;

/** A signed webhook request. */
export interface SignedWebhook {
  body: string;
  headers: Record<string, string>;
}

/**
 * Verifies the signature of a webhook request (Standard Webhooks, `v1` and `v1a`) and returns its message. A message may
 * arrive more than once; ignore it if you have already processed its `webhook-id`.
 *
 * @param body The raw body. Do not parse and serialize it again, because the signature covers its bytes.
 * @param headers The request headers: `Headers`, an object, a map or entries, with names in any case.
 * @param secret Secret `whsec_…` or public key `whpk_…` of the subscription; an array during rotation. A public key needs
 *   Ed25519 in Web Crypto: Node 20, Chromium 137.
 * @param options.toleranceSeconds Maximum difference between the timestamp and the local clock, in seconds. Default: 300.
 * @throws WebhookVerificationError if the request is not authentic.
 * @throws TypeError if the body was parsed before, or if a secret or public key is malformed.
 */
export async function verifyWebhook(
  body: string | Uint8Array,
  headers: WebhookHeaders,
  secret: string | readonly string[],
  { toleranceSeconds = 300 }: { toleranceSeconds?: number | undefined } = {},
): Promise<WebhookMessage> {
  if (typeof body !== 'string' && !ArrayBuffer.isView(body)) {
    throw new TypeError(
      `body must be the raw request body as string or bytes, not ${body === null ? 'null' : typeof body}: the signature ` +
        "covers its bytes. Read it before it is parsed: express.raw({ type: '*/*' }) in Express, " +
        "addContentTypeParser with parseAs: 'buffer' in Fastify, await request.text() in a fetch handler",
    );
  }
  const keys = await Promise.all([secret].flat().map(importKey));
  const [id, timestamp, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => {
    const value = headerOf(headers, name);
    if (!value) throw new WebhookVerificationError(`the header ${name} is missing`);
    return value;
  }) as [string, string, string];
  // Written so that NaN is rejected too.
  if (!(Math.abs(Date.now() / 1000 - Number(timestamp)) <= toleranceSeconds)) {
    throw new WebhookVerificationError('the timestamp is outside the tolerance');
  }
  const text = typeof body === 'string' ? body : new TextDecoder().decode(body);
  for (const signature of signatures.split(' ')) {
    for (const { key, version, algorithm } of keys) {
      if (!signature.startsWith(version)) continue;
      const bytes = decodeBase64(signature.slice(version.length));
      // Compares in constant time.
      if (await crypto.subtle.verify(algorithm, key, bytes, encode(`${id}.${timestamp}.${text}`)))
        return JSON.parse(text);
    }
  }
  throw new WebhookVerificationError('no signature matches the given secret or public key');
}

/**
 * Builds the signed request that the server would send for a message. Use it to test a receiver.
 *
 * @param secret Secret of the subscription, `whsec_…`.
 * @param options.id Message id. Default: a random one.
 * @param options.timestamp Unix time in seconds. Default: now.
 */
export async function signWebhook(
  message: WebhookMessage,
  secret: string,
  {
    id = `msg_${randomKey()}`,
    timestamp = Math.floor(Date.now() / 1000),
  }: {
    id?: string | undefined;
    timestamp?: number | undefined;
  } = {},
): Promise<SignedWebhook> {
  const body = JSON.stringify(message);
  const { key } = await secretKey(secret);
  const sign = async (text: string) => [...new Uint8Array(await crypto.subtle.sign('HMAC', key, encode(text)))];
  const signature = btoa(String.fromCharCode(...(await sign(`${id}.${timestamp}.${body}`))));
  const bodySignature = (await sign(body)).map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return {
    body,
    headers: {
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': `v1,${signature}`,
      'x-ihf-event': message.type,
      'x-ihf-signature': `sha256=${bodySignature}`,
    },
  };
}

function headerOf(headers: WebhookHeaders, name: string): string | undefined {
  const entries = Symbol.iterator in headers ? headers : Object.entries(headers);
  for (const [key, value] of entries as Iterable<readonly [string, unknown]>) {
    if (key.toLowerCase() === name) return String(value ?? '');
  }
  return undefined;
}

/** Imports a key for one signature version only, so that a public key is never used as a secret. */
function importKey(secret: string) {
  return secret?.startsWith('whpk_') ? publicKey(secret) : secretKey(secret);
}

async function secretKey(secret: string) {
  const bytes = decodeBase64(secret?.startsWith('whsec_') ? secret.slice(6) : '');
  if (bytes.length === 0) throw new TypeError('a webhook secret must be whsec_ and base64');
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', bytes, algorithm, false, ['sign', 'verify']);
  return { key, algorithm, version: 'v1,' };
}

async function publicKey(text: string) {
  const bytes = decodeBase64(text.slice(5));
  if (bytes.length !== 32) throw new TypeError('a webhook public key must be whpk_ and base64 of 32 bytes');
  const algorithm = { name: 'Ed25519' };
  const key = await crypto.subtle.importKey('raw', bytes, algorithm, false, ['verify']).catch((cause) => {
    throw Object.assign(new TypeError('this platform lacks Ed25519; pass the webhook secret instead'), { cause });
  });
  return { key, algorithm, version: 'v1a,' };
}

// The return types are inferred, because Uint8Array has no type parameter before TypeScript 5.7.
function encode(text: string) {
  return new TextEncoder().encode(text);
}

/** Returns no bytes if the text is not base64. */
function decodeBase64(base64: string) {
  try {
    return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}
//#endregion
