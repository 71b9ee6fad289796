// Only what stands between the two region lines is put into the rendered client.
import type { WebhookMessage } from './contract.ts';
import { IhfError } from './errors.ts';

//#region rendered
/** The request is not from the hub, is too old, or was changed on its way. Answer it with 400. */
export class WebhookVerificationError extends IhfError {
  override readonly name = 'WebhookVerificationError';
}

export interface SignedWebhook {
  body: string;
  headers: Record<string, string>;
}

/**
 * The message of a webhook request, if the hub signed it (Standard Webhooks, `v1`). The same message may come twice:
 * its `webhook-id` header is the same then.
 *
 * @param body The bytes as they came, or their text. JSON that was parsed and written again has other bytes.
 * @param secret That of the subscription, `whsec_…`, or several while one is being rotated.
 * @param toleranceSeconds How old, or how far ahead of this clock, the message may be. Default: 300.
 */
export async function verifyWebhook(
  body: string | Uint8Array,
  headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>,
  secret: string | readonly string[],
  { toleranceSeconds = 300 }: { toleranceSeconds?: number | undefined } = {},
): Promise<WebhookMessage> {
  const header = (name: string): string => {
    const value = headers instanceof Headers ? headers.get(name) : headers[name];
    if (typeof value !== 'string' || value === '') throw new WebhookVerificationError(`the header ${name} is missing`);
    return value;
  };
  const [id, timestamp, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map(header);
  const age = Date.now() / 1000 - (/^\d{1,12}$/.test(timestamp ?? '') ? Number(timestamp) : Number.NaN);
  if (!(Math.abs(age) <= toleranceSeconds)) {
    throw new WebhookVerificationError('the message is too old, or its timestamp is ahead of this clock');
  }
  const text = typeof body === 'string' ? body : new TextDecoder().decode(body);
  const sent = (signatures ?? '').split(' ').flatMap((one) => (one.startsWith('v1,') ? [bytesOf(one.slice(3))] : []));
  for (const one of [secret].flat()) {
    const key = await keyOf(one);
    for (const signature of sent) {
      // It compares in a time that tells nothing.
      if (signature && (await crypto.subtle.verify('HMAC', key, signature, encode(`${id}.${timestamp}.${text}`)))) {
        return JSON.parse(text) as WebhookMessage;
      }
    }
  }
  throw new WebhookVerificationError('no signature of the message is by this secret');
}

/** The request that the hub would send with this message: to test a receiver. */
export async function signWebhook(
  message: WebhookMessage,
  secret: string,
  {
    id = `msg_${crypto.getRandomValues(new Uint32Array(4)).join('')}`,
    timestamp = Math.floor(Date.now() / 1000),
  }: {
    id?: string | undefined;
    /** Seconds since 1970. */
    timestamp?: number | undefined;
  } = {},
): Promise<SignedWebhook> {
  const body = JSON.stringify(message);
  const key = await keyOf(secret);
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

async function keyOf(secret: string) {
  const bytes = secret.startsWith('whsec_') ? bytesOf(secret.slice(6)) : undefined;
  if (!bytes?.length) throw new TypeError('a webhook secret is whsec_ and base64');
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify']);
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  } catch {
    return undefined;
  }
}
//#endregion
