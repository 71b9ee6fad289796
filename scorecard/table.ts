import type { ScorecardRow } from './check-result.ts';

const BEGIN = '<!-- scorecard: written by `npm run scorecard` -->';
const END = '<!-- /scorecard -->';

/** Replaces the marked part of a Markdown text with the scorecard. */
export function withScorecard(markdown: string, rows: readonly ScorecardRow[]): string {
  const [head, rest] = markdown.split(BEGIN);
  const tail = rest?.split(END)[1];
  if (head === undefined || tail === undefined)
    throw new Error(`The text must contain the lines '${BEGIN}' and '${END}'`);
  return `${head}${BEGIN}\n${table(rows)}\n${END}${tail}`;
}

function table(rows: readonly ScorecardRow[]): string {
  const lines = rows.map(({ claim, evidence, violations }) => {
    const found = violations.length > 0 ? violations.join('<br>') : evidence;
    return `| ${claim} | ${violations.length > 0 ? '**no**' : 'yes'} | ${found.replaceAll('|', '\\|')} |`;
  });
  return ['| claim | holds | evidence |', '| --- | --- | --- |', ...lines].join('\n');
}
