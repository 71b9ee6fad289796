import { wrap } from './wrap.ts';

type TableRow = Readonly<Record<string, unknown>>;

const GAP = 2;

/** A longer word does not decide the width of its column: it is broken. */
const LONGEST_WORD = 40;

/**
 * Rows as a table. In a terminal (`width`) long cells wrap; a table with more columns than fit becomes one block per
 * row. Without a width, as in a pipe, every row is one line.
 */
export function table(rows: readonly TableRow[], width = process.stdout.columns): string {
  const [first] = rows;
  if (!first) return '(none)';
  const columns = Object.keys(first);
  const lines = [columns, ...rows.map((row) => columns.map((column) => String(row[column] ?? '')))];
  const cellsOf = (index: number) => lines.map((line) => line[index] as string);
  const natural = columns.map((_, index) => widest(cellsOf(index)));
  if (!width || total(natural) <= width) return print(lines, natural);
  const least = columns.map((_, index) =>
    Math.min(LONGEST_WORD, widest(cellsOf(index).flatMap((cell) => cell.split(' ')))),
  );
  if (total(least) > width) return blocks(columns, lines.slice(1), width);
  return print(lines, fit(natural, least, width));
}

const widest = (cells: readonly string[]): number => Math.max(...cells.map((cell) => cell.length));

const total = (widths: readonly number[]): number =>
  widths.reduce((sum, each) => sum + each, GAP * (widths.length - 1));

/** Narrows the widest column, again and again, until the table fits. */
function fit(natural: readonly number[], least: readonly number[], width: number): number[] {
  const widths = [...natural];
  while (total(widths) > width) {
    const shrinkable = widths.map((each, index) => (each > (least[index] as number) ? each : 0));
    const index = shrinkable.indexOf(Math.max(...shrinkable));
    widths[index] = (widths[index] as number) - 1;
  }
  return widths;
}

function print(lines: readonly string[][], widths: readonly number[]): string {
  return lines.flatMap((line) => printRow(line, widths)).join('\n');
}

function printRow(cells: readonly string[], widths: readonly number[]): string[] {
  const wrapped = cells.map((cell, index) => wrap(cell, widths[index] as number));
  const height = Math.max(...wrapped.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) =>
    wrapped
      .map((lines, index) => (lines[line] ?? '').padEnd((widths[index] as number) + GAP))
      .join('')
      .trimEnd(),
  );
}

function blocks(columns: readonly string[], rows: readonly string[][], width: number): string {
  const label = widest(columns);
  const widths = [label, Math.max(10, width - label - GAP)];
  return rows
    .map((row) =>
      print(
        columns.map((column, index) => [column, row[index] as string]),
        widths,
      ),
    )
    .join('\n\n');
}
