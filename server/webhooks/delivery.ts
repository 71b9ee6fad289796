import type { ClaimedMessage, FinishedAttempt } from '../store/webhooks/queue.ts';
import { webhookPayload } from './payload.ts';
import { parseRetryAfter, retryDelay } from './schedule.ts';
import { type SecretBox, SecretDecryptionError } from './secret-box.ts';
import type { Sender, SendResult } from './sender.ts';
import { type SigningKeys, signedHeaders } from './signature.ts';

export interface DeliveryDeps {
  box: SecretBox;
  sender: Sender;
  /** The delay before each retry, in seconds. */
  retries: readonly number[];
  /** The difference of a contract revision to the one before, as in the contract. */
  revisionChanges(revision: number): Promise<object>;
}

/** Makes one attempt and returns its record. */
export async function attemptDelivery(
  message: ClaimedMessage,
  { box, sender, retries, revisionChanges }: DeliveryDeps,
): Promise<Omit<FinishedAttempt, 'worker'>> {
  const body = await webhookPayload(message, revisionChanges);
  const result = await signAndSend(message, body, box, sender);
  const gone = result.status === 410;
  const { hub_id, subscription_id, message_id, attempt } = message;
  const retry =
    result.error === undefined || gone ? undefined : retryDelay(attempt, parseRetryAfter(result.retryAfter), retries);
  return {
    ...{ hub_id, subscription_id, message_id, attempt, gone },
    duration_ms: result.durationMs,
    status_code: result.status ?? null,
    error: result.error ?? null,
    response: result.response,
    url: message.url,
    request_headers: result.requestHeaders,
    response_headers: result.responseHeaders,
    retry_ms: retry ?? null,
  };
}

async function signAndSend(message: ClaimedMessage, body: string, box: SecretBox, sender: Sender): Promise<SendResult> {
  try {
    const sealed = [message.keys, ...(message.previous_keys ? [message.previous_keys] : [])];
    const keys = sealed.map((each) => box.open(each, message.subscription_id));
    const timestamp = Math.floor(Date.now() / 1000);
    const content = { id: message.message_id, topic: message.topic, timestamp, body };
    return await sender.post(message.url, signedHeaders(content, keys as [SigningKeys]), body);
  } catch (error) {
    if (!(error instanceof SecretDecryptionError)) throw error;
    const unsent = { status: undefined, response: '', requestHeaders: {}, responseHeaders: {}, retryAfter: undefined };
    return { ...unsent, error: error.message, durationMs: 0 };
  }
}
