import type { Outcome } from '../store/statistics.ts';
import { number } from './format.ts';

/** What requests came to, from the bottom of a bar to its top. */
export const OUTCOMES: readonly { name: Outcome; label: string; says: string }[] = [
  { name: 'success', label: 'Success', says: 'answered as asked' },
  { name: 'refused', label: 'Refused', says: 'the caller was wrong (4xx)' },
  { name: 'limited', label: 'Limited', says: 'a limit was used up (429)' },
  { name: 'failed', label: 'Failed', says: 'the hub was wrong (5xx)' },
  { name: 'abandoned', label: 'Abandoned', says: 'the caller hung up' },
];

type Counted = { bucket: string } & Record<Outcome, number>;

const HALF_HOUR = 1_800_000;
const BARS = 48;
/** In units of the drawing, which is stretched to its place. */
const HEIGHT = 100;
const WIDTH = 10;
const GAP = 2;

/** Requests by half hours of the last day, stacked by outcome; the same numbers as bars and as a table. */
export function trafficChart(buckets: readonly Counted[], now: number) {
  const last = Math.floor(now / HALF_HOUR) * HALF_HOUR;
  const columns = Array.from({ length: BARS }, (_, index) => {
    const from = last - (BARS - 1 - index) * HALF_HOUR;
    const within = buckets.filter(({ bucket }) => Math.floor(Date.parse(bucket) / HALF_HOUR) * HALF_HOUR === from);
    const counts = OUTCOMES.map(({ name }) => within.reduce((sum, counted) => sum + counted[name], 0));
    return { from, counts, total: counts.reduce((sum, count) => sum + count, 0) };
  });
  const most = niceCeiling(Math.max(...columns.map(({ total }) => total)));
  return {
    width: BARS * WIDTH,
    height: HEIGHT,
    most: number(most),
    half: number(most / 2),
    bars: columns.flatMap(({ counts }, index) => barsOf(counts, index * WIDTH, most)),
    hours: columns.filter((_, index) => index % 8 === 0).map(({ from }) => clock(from)),
    outcomes: OUTCOMES,
    rows: columns
      .filter(({ total }) => total > 0)
      .reverse()
      .map(({ from, counts, total }) => ({ at: clock(from), counts: counts.map(number), total: number(total) })),
  };
}

function barsOf(counts: readonly number[], x: number, most: number) {
  let top = HEIGHT;
  return counts.flatMap((count, index) => {
    const height = (count / most) * HEIGHT;
    top -= height;
    const shape = { x: x + GAP / 2, y: round(top), width: WIDTH - GAP, height: round(height) };
    return count > 0 ? [{ ...shape, outcome: OUTCOMES[index]?.name }] : [];
  });
}

/** The next number that people like, and can halve: 2, 4, 6, 8 or 10 with noughts. */
function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return ([2, 4, 6, 8, 10].find((step) => step * power >= value) ?? 10) * power;
}

function clock(time: number): string {
  return new Date(time).toISOString().slice(11, 16);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
