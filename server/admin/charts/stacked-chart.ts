import { number } from '../core/format.ts';

/** A series of counts. Series are stacked in order, the first at the bottom. */
export interface Series {
  /** A class of the style sheet, which sets the color. */
  name: string;
  label: string;
  description: string;
}

export interface Column {
  /** The start of its interval, in milliseconds since 1970. */
  from: number;
  /** One count per series, in the order of the series. */
  counts: readonly number[];
}

/** In SVG units; the drawing is stretched to the width of the page. */
const HEIGHT = 100;
const WIDTH = 10;
const GAP = 2;
const LABELS = 6;

/** Counts over time as stacked bars, and as the rows of a table. */
export function stackedChart(series: readonly Series[], columns: readonly Column[]) {
  const max = niceCeiling(Math.max(...columns.map(totalOf)));
  return {
    series,
    width: columns.length * WIDTH,
    height: HEIGHT,
    max: number(max),
    half: number(max / 2),
    bars: columns.flatMap(({ counts }, index) => barsOf(series, counts, index * WIDTH, max)),
    axis: columns.filter((_, index) => index % (columns.length / LABELS) === 0).map(({ from }) => clock(from)),
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

function barsOf(series: readonly Series[], counts: readonly number[], x: number, max: number) {
  let top = HEIGHT;
  return counts.flatMap((count, index) => {
    const height = (count / max) * HEIGHT;
    top -= height;
    const shape = { x: x + GAP / 2, y: round(top), width: WIDTH - GAP, height: round(height) };
    return count > 0 ? [{ ...shape, series: series[index]?.name }] : [];
  });
}

/** The next round number that can be halved: 2, 4, 6, 8 or 10; finer steps for larger numbers. */
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
