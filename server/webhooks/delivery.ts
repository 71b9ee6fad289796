import type { ClaimedMessage, FinishedAttempt } from '../store/webhooks/queue.ts';
import { webhookPayload } from './payload.ts';
import { parseRetryAfter, retryDelay } from './schedule.ts';
import type { SecretBox } from './secret-box.ts';
import { type Sender, type SendResult, unsent } from './sender.ts';
import { type SigningKeys, signedHeaders } from './signature.ts';

export interface DeliveryDeps {
  box: SecretBox;
  sender: Sender;
  /** The delay before each retry, in seconds. */
  retries: readonly number[];
  /** The difference of a contract revision to the one before, as in the contract. */
  revisionChanges(revision: number): Promise<object>;
  report(error: unknown): void;
}

/** The delay after a failure that is not the endpoint's: the cause has to be repaired, or passes by itself. */
const UNSENT_RETRY_MS = 5_000;

/**
 * Makes one attempt and returns its record; undefined if it was aborted.
 * @param signal aborts the attempt.
 */
export async function attemptDelivery(
  message: ClaimedMessage,
  deps: DeliveryDeps,
  signal: AbortSignal,
): Promise<FinishedAttempt | undefined> {
  const databaseTime = clockFrom(message.leased_at);
  const result = await signAndSend(message, deps, databaseTime, signal);
  if (signal.aborted) return undefined;
  const gone = result.status === 410;
  const { lease_id, hub_id, subscription_id, message_id, attempt } = message;
  const retryAfter = () => parseRetryAfter(result.retryAfter, databaseTime());
  const retry = result.error === undefined || gone ? undefined : retryDelay(attempt, retryAfter(), deps.retries);
  return {
    ...{ lease_id, hub_id, subscription_id, message_id, attempt, gone },
    sent: result.isSent,
    duration_ms: result.durationMs,
    status_code: result.status ?? null,
    error: result.error ?? null,
    response: result.response,
    url: message.url,
    request_headers: result.requestHeaders,
    response_headers: result.responseHeaders,
    retry_ms: result.isSent ? (retry ?? null) : UNSENT_RETRY_MS,
  };
}

async function signAndSend(
  message: ClaimedMessage,
  { box, sender, revisionChanges, report }: DeliveryDeps,
  databaseTime: () => number,
  signal: AbortSignal,
): Promise<SendResult> {
  let headers: Record<string, string>;
  let body: string;
  try {
    const sealed = [message.keys, ...(message.previous_keys ? [message.previous_keys] : [])];
    const keys = sealed.map((each) => box.open(each, message.subscription_id));
    body = await webhookPayload(message, revisionChanges);
    const timestamp = Math.floor(databaseTime() / 1000);
    headers = signedHeaders({ id: message.message_id, topic: message.topic, timestamp, body }, keys as [SigningKeys]);
  } catch (error) {
    report(error);
    return unsent((error as Error).message);
  }
  return sender.post(message.url, headers, body, signal);
}

/** A clock of the database: its time at this moment, continued with the monotonic clock of this process. */
function clockFrom(databaseTime: number): () => number {
  const began = performance.now();
  return () => databaseTime + performance.now() - began;
}
