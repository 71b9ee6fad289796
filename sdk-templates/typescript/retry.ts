// Only what stands between the two region lines is put into the rendered client.
import { IdempotencyInFlightError } from './contract.ts';
import { IhfApiError, IhfConnectionError, IhfTimeoutError } from './errors.ts';

//#region rendered
/** A wait before a try is drawn from 0 to this, which doubles with every try up to the longest. */
const FIRST_BACKOFF_MS = 500;
const LONGEST_BACKOFF_MS = 8_000;
/** Nobody wants a call to wait for longer than this because the hub says so: the error says when to come again. */
const LONGEST_RETRY_AFTER_S = 60;

/** How many milliseconds to wait before the next try; undefined if another try would not help. */
function delayAfter(failure: unknown, retries: number): number | undefined {
  if (!isPassing(failure)) return undefined;
  const { retryAfter = 0 } = failure;
  if (retryAfter > LONGEST_RETRY_AFTER_S) return undefined;
  return retryAfter * 1000 + Math.random() * Math.min(FIRST_BACKOFF_MS * 2 ** retries, LONGEST_BACKOFF_MS);
}

/** Whether the same request can have another answer soon. */
function isPassing(failure: unknown): failure is Partial<IhfApiError> {
  if (!(failure instanceof IhfApiError)) {
    return failure instanceof IhfConnectionError || failure instanceof IhfTimeoutError;
  }
  const { status } = failure;
  if (status === 409) return failure instanceof IdempotencyInFlightError;
  return status === 408 || status === 429 || (status >= 500 && status !== 501);
}

//#endregion

export { delayAfter };
