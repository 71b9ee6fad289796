import type { Outcome } from '../../store/request-log/statistics.ts';
import { stackedChart } from './stacked-chart.ts';

/** The outcomes of requests, from the bottom of a bar to its top. */
export const OUTCOMES: readonly { name: Outcome; label: string; description: string }[] = [
  { name: 'success', label: 'Success', description: 'Status 2xx or 3xx' },
  { name: 'rejected', label: 'Client error', description: 'Status 4xx, except 429' },
  { name: 'limited', label: 'Rate limited', description: 'Status 429' },
  { name: 'failed', label: 'Server error', description: 'Status 5xx' },
  { name: 'abandoned', label: 'Aborted', description: 'The client closed the connection before the response' },
];

type Bucket = { bucket: string } & Record<Outcome, number>;

const HALF_HOUR = 1_800_000;
const BARS = 48;

/** Requests per half hour of the last day, stacked by outcome. */
export function trafficChart(buckets: readonly Bucket[], now: number) {
  const last = Math.floor(now / HALF_HOUR) * HALF_HOUR;
  const columns = Array.from({ length: BARS }, (_, index) => {
    const from = last - (BARS - 1 - index) * HALF_HOUR;
    const within = buckets.filter(({ bucket }) => Math.floor(Date.parse(bucket) / HALF_HOUR) * HALF_HOUR === from);
    return { from, counts: OUTCOMES.map(({ name }) => within.reduce((sum, counts) => sum + counts[name], 0)) };
  });
  return stackedChart(OUTCOMES, columns);
}
