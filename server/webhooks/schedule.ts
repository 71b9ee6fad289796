/** After how many seconds a failed delivery is tried again, by the number of the attempt that failed. */
export const RETRY_SECONDS: readonly number[] = [5, 30, 120, 600, 3_600, 10_800, 28_800, 86_400];

/** An endpoint may ask for patience, but not for more than a day of it. */
const LONGEST_WISH_SECONDS = 86_400;

/** A tenth earlier or later, so that what failed together does not come back together. */
const JITTER = 0.1;

/**
 * When the next attempt is due, in milliseconds from now; undefined when the last one was made.
 * @param attempt The number of the attempt that failed, from 1.
 * @param wish What the endpoint asked for in `Retry-After`, in seconds: never sooner than that.
 */
export function retryDelay(
  attempt: number,
  wish = 0,
  retries: readonly number[] = RETRY_SECONDS,
  random: () => number = Math.random,
): number | undefined {
  const seconds = retries[attempt - 1];
  if (seconds === undefined) return undefined;
  const jittered = seconds * (1 + JITTER * (2 * random() - 1));
  return Math.round(Math.max(jittered, Math.min(wish, LONGEST_WISH_SECONDS)) * 1000);
}

/** The seconds of a `Retry-After` header, a number or a date (RFC 9110, section 10.2.3); 0 for anything else. */
export function parseRetryAfter(header: string | undefined, now = Date.now()): number {
  if (header === undefined) return 0;
  if (/^\d{1,9}$/.test(header)) return Number(header);
  const time = Date.parse(header);
  return Number.isNaN(time) ? 0 : Math.max(0, (time - now) / 1000);
}
