import type { Outcome } from '../store/request-log/statistics.ts';
import { stackedChart } from './stacked-chart.ts';

/** What requests came to, from the bottom of a bar to its top. */
export const OUTCOMES: readonly { name: Outcome; label: string; says: string }[] = [
  { name: 'success', label: 'Success', says: 'answered as asked' },
  { name: 'rejected', label: 'Rejected', says: 'the caller was wrong (4xx)' },
  { name: 'limited', label: 'Limited', says: 'a limit was used up (429)' },
  { name: 'failed', label: 'Failed', says: 'the hub was wrong (5xx)' },
  { name: 'abandoned', label: 'Abandoned', says: 'the caller hung up' },
];

type Counted = { bucket: string } & Record<Outcome, number>;

const HALF_HOUR = 1_800_000;
const BARS = 48;

/** Requests by half hours of the last day, stacked by outcome. */
export function trafficChart(buckets: readonly Counted[], now: number) {
  const last = Math.floor(now / HALF_HOUR) * HALF_HOUR;
  const columns = Array.from({ length: BARS }, (_, index) => {
    const from = last - (BARS - 1 - index) * HALF_HOUR;
    const within = buckets.filter(({ bucket }) => Math.floor(Date.parse(bucket) / HALF_HOUR) * HALF_HOUR === from);
    return { from, counts: OUTCOMES.map(({ name }) => within.reduce((sum, counted) => sum + counted[name], 0)) };
  });
  return stackedChart(OUTCOMES, columns);
}
