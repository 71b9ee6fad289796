// Only the text between the two region lines becomes part of the rendered client.
import { IhfApiError } from './api-error.ts';
import { IhfConnectionError, IhfTimeoutError } from './errors.ts';
import { isInProgress } from './problems.ts';

//#region rendered
/** The delay before a retry is random, from 0 to this limit, which doubles with each retry up to the maximum. */
const INITIAL_BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 8_000;
/** A call does not wait for a longer Retry-After. It throws, and the error has `retryAfter`. */
const MAX_RETRY_AFTER_S = 60;

/** Milliseconds to wait before the next attempt; undefined if the call should not be retried. */
function delayAfter(error: unknown, retries: number): number | undefined {
  if (!isTransient(error)) return undefined;
  const { retryAfter = 0 } = error;
  if (retryAfter > MAX_RETRY_AFTER_S) return undefined;
  return retryAfter * 1000 + Math.random() * Math.min(INITIAL_BACKOFF_MS * 2 ** retries, MAX_BACKOFF_MS);
}

/** Whether the same request may succeed soon. */
function isTransient(error: unknown): error is Partial<IhfApiError> {
  if (!(error instanceof IhfApiError)) {
    return error instanceof IhfConnectionError || error instanceof IhfTimeoutError;
  }
  const { status } = error;
  if (status === 409) return isInProgress(error);
  return status === 408 || status === 429 || (status >= 500 && status !== 501);
}

//#endregion

export { delayAfter, isTransient };
