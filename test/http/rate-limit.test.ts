import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batchExceedsQuota, limitExceeded, rateLimitHeaders } from '../../server/http/rate-limit-headers.ts';
import type { Usage } from '../../server/store/access/admissions.ts';

const USAGE: Usage = {
  ...{ rate: 6_000, minute_left: 5_999, minute_ends_ms: 1_500 },
  ...{ quota: 1_000_000, day_left: 42, day_ends_ms: 3_600_001 },
};

test('the headers name both limits, what remains of them and when they reset', () => {
  assert.deepEqual(rateLimitHeaders(USAGE), {
    'RateLimit-Policy': '"minute";q=6000;w=60, "day";q=1000000;w=86400',
    RateLimit: '"minute";r=5999;t=2, "day";r=42;t=3601',
  });
});

test('a window that has just ended resets in 0 s, never before', () => {
  assert.match(rateLimitHeaders({ ...USAGE, minute_ends_ms: -1_500 }).RateLimit ?? '', /^"minute";r=5999;t=0,/);
});

test('a request beyond the rate limit is retried after the minute', () => {
  const error = limitExceeded({ ...USAGE, minute_left: 0 });
  assert.equal(error.code, 'too_many_requests');
  assert.equal(error.message, 'Limit of 6000 requests per minute exceeded. Retry in 2 s.');
  assert.deepEqual(error.headers, { 'Retry-After': '2' });
  assert.deepEqual(error.extensions, { 'violated-policies': ['minute'] });
});

test('a request beyond the daily quota is retried after the day, even if the minute is exceeded too', () => {
  const error = limitExceeded({ ...USAGE, minute_left: 0, day_left: 0 });
  assert.equal(error.message, 'Daily quota of 1000000 items exceeded. Retry in 3601 s.');
  assert.deepEqual(error.headers, { 'Retry-After': '3601' });
  assert.deepEqual(error.extensions, { 'violated-policies': ['day'] });
});

test('the error of a batch larger than the rest of the daily quota says what remains', () => {
  const error = batchExceedsQuota(USAGE, 50);
  assert.equal(
    error.message,
    'The batch has 50 items, but 42 remain of the daily quota of 1000000. Send fewer items, or retry in 3601 s.',
  );
  assert.deepEqual(error.extensions, { 'violated-policies': ['day'] });
});

test('Retry-After is at least one second', () => {
  assert.equal(limitExceeded({ ...USAGE, minute_left: 0, minute_ends_ms: 0 }).headers['Retry-After'], '1');
});
