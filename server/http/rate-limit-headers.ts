import { violatedEndsMs } from '../batching/authenticator.ts';
import { IhfError } from '../errors.ts';
import type { Admission, Usage } from '../store/access/admissions.ts';

const MINUTE_S = 60;
const DAY_S = 86_400;

/**
 * The limits and what is left of them (draft-ietf-httpapi-ratelimit-headers): `q` requests in `w` seconds, `r` left for
 * `t` seconds. The daily one counts the items of batches.
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

/** @throws IhfError too_many_requests if the request does not fit the caller's limits. */
export function rejectOverLimit({ admitted, usage }: Admission): void {
  if (admitted || !usage) return;
  const policy = usage.day_left <= 0 ? 'day' : 'minute';
  throw beyond(usage, policy, policy === 'day' ? `${usage.quota} items a day` : `${usage.rate} requests a minute`);
}

/** The refusal of a batch whose items do not fit what is left of the day. */
export function itemsOverQuota(usage: Usage, items: number): IhfError {
  const detail = `${usage.quota} items a day, of which ${usage.day_left} were left for the ${items} of this batch`;
  return beyond({ ...usage, day_left: 0 }, 'day', detail);
}

function beyond(usage: Usage, policy: 'minute' | 'day', limit: string): IhfError {
  const seconds = Math.max(1, Math.ceil(violatedEndsMs(usage) / 1000));
  return new IhfError('too_many_requests', `The limit is ${limit}. Try again in ${seconds} s.`, {
    headers: { 'Retry-After': String(seconds) },
    extensions: { 'violated-policies': [policy] },
  });
}
