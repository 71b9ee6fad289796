// Only what stands between the two region lines is put into the rendered client.
import { IhfApiError, IhfConnectionError, IhfTimeoutError } from './errors.ts';

//#region rendered
/** A wait before a try is drawn from 0 to this, which doubles with every try up to the longest. */
const FIRST_BACKOFF_MS = 500;
const LONGEST_BACKOFF_MS = 8_000;
/** Nobody wants a call to wait for longer than this because the hub says so: the error says when to come again. */
const LONGEST_RETRY_AFTER_S = 60;

/** How many milliseconds to wait before the next try; undefined if another try would not help. */
function delayAfter(failure: unknown, retries: number): number | undefined {
  if (failure instanceof IhfApiError) {
    if (!isPassing(failure) || (failure.retryAfter ?? 0) > LONGEST_RETRY_AFTER_S) return undefined;
  } else if (!(failure instanceof IhfConnectionError || failure instanceof IhfTimeoutError)) {
    return undefined;
  }
  const longest = Math.min(FIRST_BACKOFF_MS * 2 ** retries, LONGEST_BACKOFF_MS);
  const floor = failure instanceof IhfApiError ? (failure.retryAfter ?? 0) * 1000 : 0;
  return floor + Math.random() * longest;
}

/** Whether the same request can have another answer soon. */
function isPassing({ status, problem }: IhfApiError): boolean {
  if (status === 409) return problem.type === 'urn:ihf:problem:idempotency-in-flight';
  return status === 408 || status === 429 || (status >= 500 && status !== 501);
}

//#endregion

export { delayAfter };
