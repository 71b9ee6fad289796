import { number } from './format.ts';

/** What is counted apart, from the bottom of a bar to its top. */
export interface Series {
  /** How it looks: a class of the style sheet. */
  name: string;
  label: string;
  says: string;
}

export interface Column {
  /** When it begins, in milliseconds. */
  from: number;
  /** In the order of the series. */
  counts: readonly number[];
}

/** In units of the drawing, which is stretched to its place. */
const HEIGHT = 100;
const WIDTH = 10;
const GAP = 2;
const LABELS = 6;

/** Counts over time as stacked bars, and the same numbers as a table. */
export function stackedChart(series: readonly Series[], columns: readonly Column[]) {
  const most = niceCeiling(Math.max(...columns.map(totalOf)));
  return {
    series,
    width: columns.length * WIDTH,
    height: HEIGHT,
    most: number(most),
    half: number(most / 2),
    bars: columns.flatMap(({ counts }, index) => barsOf(series, counts, index * WIDTH, most)),
    hours: columns.filter((_, index) => index % (columns.length / LABELS) === 0).map(({ from }) => clock(from)),
    rows: columns
      .filter((column) => totalOf(column) > 0)
      .reverse()
      .map((column) => ({
        at: clock(column.from),
        counts: column.counts.map(number),
        total: number(totalOf(column)),
      })),
  };
}

function totalOf({ counts }: Column): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

function barsOf(series: readonly Series[], counts: readonly number[], x: number, most: number) {
  let top = HEIGHT;
  return counts.flatMap((count, index) => {
    const height = (count / most) * HEIGHT;
    top -= height;
    const shape = { x: x + GAP / 2, y: round(top), width: WIDTH - GAP, height: round(height) };
    return count > 0 ? [{ ...shape, series: series[index]?.name }] : [];
  });
}

/** The next number that people like, and can halve: 2, 4, 6, 8 or 10, beyond that in finer steps. */
function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  const steps = power === 1 ? [2, 4, 6, 8, 10] : [1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10];
  return (steps.find((step) => step * power >= value) ?? 10) * power;
}

function clock(time: number): string {
  return new Date(time).toISOString().slice(11, 16);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
