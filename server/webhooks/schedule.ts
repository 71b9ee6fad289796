/** The delay before each retry, in seconds, by the number of the attempt that failed. */
export const RETRY_SECONDS: readonly number[] = [5, 30, 120, 600, 3_600, 10_800, 28_800, 86_400];

const MAX_RETRY_AFTER_SECONDS = 86_400;

/** Random deviation from the delay: deliveries that failed together are not retried together. */
const JITTER = 0.1;

/**
 * The milliseconds until the next attempt; undefined after the last one.
 * @param attempt the number of the attempt that failed, from 1.
 * @param retryAfter the minimum delay that the endpoint requested, in seconds; at most a day counts.
 */
export function retryDelay(
  attempt: number,
  retryAfter = 0,
  retries: readonly number[] = RETRY_SECONDS,
  random: () => number = Math.random,
): number | undefined {
  const seconds = retries[attempt - 1];
  if (seconds === undefined) return undefined;
  const jittered = seconds * (1 + JITTER * (2 * random() - 1));
  return Math.round(Math.max(jittered, Math.min(retryAfter, MAX_RETRY_AFTER_SECONDS)) * 1000);
}

/** Seconds from a `Retry-After` header, which is a number or a date (RFC 9110, section 10.2.3); 0 if it is invalid. */
export function parseRetryAfter(header: string | undefined, now = Date.now()): number {
  if (header === undefined) return 0;
  if (/^\d{1,9}$/.test(header)) return Number(header);
  const time = Date.parse(header);
  return Number.isNaN(time) ? 0 : Math.max(0, (time - now) / 1000);
}
