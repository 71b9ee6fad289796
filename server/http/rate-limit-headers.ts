import { violatedEndsMs } from '../batching/authenticator.ts';
import { IhfError } from '../errors.ts';
import type { Usage } from '../store/access/admissions.ts';

const MINUTE_S = 60;
const DAY_S = 86_400;

/**
 * The limits and what remains of them (draft-ietf-httpapi-ratelimit-headers): a quota of `q` in a window of `w`
 * seconds, of which `r` remain for `t` seconds. The daily quota counts the items of a batch.
 */
export function rateLimitHeaders(usage: Usage): Record<string, string> {
  const seconds = (ms: number) => Math.max(0, Math.ceil(ms / 1000));
  return {
    'RateLimit-Policy': `"minute";q=${usage.rate};w=${MINUTE_S}, "day";q=${usage.quota};w=${DAY_S}`,
    RateLimit:
      `"minute";r=${usage.minute_left};t=${seconds(usage.minute_ends_ms)}, ` +
      `"day";r=${usage.day_left};t=${seconds(usage.day_ends_ms)}`,
  };
}

/** The error of a request beyond the rate limit or the daily quota. */
export function limitExceeded(usage: Usage): IhfError {
  if (usage.day_left <= 0) return tooManyRequests(usage, 'day', `Daily quota of ${usage.quota} items exceeded. Retry`);
  return tooManyRequests(usage, 'minute', `Limit of ${usage.rate} requests per minute exceeded. Retry`);
}

/** The error of a batch with more items than remain of the daily quota. */
export function batchExceedsQuota(usage: Usage, items: number): IhfError {
  const reason = `The batch has ${items} items, but ${usage.day_left} remain of the daily quota of ${usage.quota}.`;
  return tooManyRequests({ ...usage, day_left: 0 }, 'day', `${reason} Send fewer items, or retry`);
}

function tooManyRequests(usage: Usage, policy: 'minute' | 'day', detail: string): IhfError {
  const seconds = Math.max(1, Math.ceil(violatedEndsMs(usage) / 1000));
  return new IhfError('too_many_requests', `${detail} in ${seconds} s.`, {
    headers: { 'Retry-After': String(seconds) },
    extensions: { 'violated-policies': [policy] },
  });
}
