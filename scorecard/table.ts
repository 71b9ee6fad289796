import type { ScorecardRow } from './check-result.ts';

const BEGIN = '<!-- scorecard: written by `npm run scorecard` -->';
const END = '<!-- /scorecard -->';

/** Writes the scorecard into the marked place of a Markdown text. */
export function withScorecard(markdown: string, cards: readonly ScorecardRow[]): string {
  const [head, rest] = markdown.split(BEGIN);
  const tail = rest?.split(END)[1];
  if (head === undefined || tail === undefined) throw new Error(`The text lacks the lines '${BEGIN}' and '${END}'`);
  return `${head}${BEGIN}\n${table(cards)}\n${END}${tail}`;
}

function table(cards: readonly ScorecardRow[]): string {
  const rows = cards.map(({ claim, evidence, violations: faults }) => {
    const found = faults.length > 0 ? faults.join('<br>') : evidence;
    return `| ${claim} | ${faults.length > 0 ? '**no**' : 'yes'} | ${found.replaceAll('|', '\\|')} |`;
  });
  return ['| claim | holds | found |', '| --- | --- | --- |', ...rows].join('\n');
}
