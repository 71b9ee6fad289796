import type { ClaimedMessage, FinishedAttempt } from '../store/webhooks/queue.ts';
import { webhookPayload } from './payload.ts';
import { parseRetryAfter, retryDelay } from './schedule.ts';
import { type SecretBox, SecretDecryptionError } from './secrets.ts';
import type { Sender, Sent } from './sender.ts';
import { type SigningKeys, signedHeaders } from './signature.ts';

export interface DeliveryParts {
  box: SecretBox;
  sender: Sender;
  /** After how many seconds a failed attempt is repeated. */
  retries: readonly number[];
  /** What a revision of the contract changed, in the words of the contract. */
  revisionChanges(revision: number): Promise<object>;
}

/** Makes one attempt. @returns what is to be written of it. */
export async function deliver(
  message: ClaimedMessage,
  { box, sender, retries, revisionChanges }: DeliveryParts,
): Promise<Omit<FinishedAttempt, 'worker'>> {
  const body = await webhookPayload(message, revisionChanges);
  const sent = await send(message, body, box, sender);
  const gone = sent.status === 410;
  const { hub_id, subscription_id, message_id, attempt } = message;
  const retry =
    sent.error === undefined || gone ? undefined : retryDelay(attempt, parseRetryAfter(sent.retryAfter), retries);
  return {
    ...{ hub_id, subscription_id, message_id, attempt, gone },
    duration_ms: sent.durationMs,
    status_code: sent.status ?? null,
    error: sent.error ?? null,
    response: sent.response,
    url: message.url,
    request_headers: sent.requestHeaders,
    response_headers: sent.responseHeaders,
    retry_ms: retry ?? null,
  };
}

async function send(message: ClaimedMessage, body: string, box: SecretBox, sender: Sender): Promise<Sent> {
  try {
    const sealed = [message.keys, ...(message.previous_keys ? [message.previous_keys] : [])];
    const keys = sealed.map((each) => box.open(each, message.subscription_id));
    const timestamp = Math.floor(Date.now() / 1000);
    const signed = { id: message.message_id, topic: message.topic, timestamp, body };
    return await sender.post(message.url, signedHeaders(signed, keys as [SigningKeys]), body);
  } catch (error) {
    if (!(error instanceof SecretDecryptionError)) throw error;
    const nothing = { status: undefined, response: '', requestHeaders: {}, responseHeaders: {}, retryAfter: undefined };
    return { ...nothing, error: error.message, durationMs: 0 };
  }
}
