import { breakingOf, type Change } from '../../codegen/diff.ts';
import type { State } from './format.ts';

const TONES: Record<Change['kind'], State['tone']> = {
  added: 'good',
  changed: '',
  deprecated: 'warn',
  described: '',
  removed: 'bad',
  retired: 'bad',
};

/** Changes of the contract, readable; and whom they break, all taken together. */
export function changesView(changes: readonly Change[]) {
  return {
    changes: changes.map(({ kind, subject, detail, breaking }) => ({
      kind: { word: kind, tone: TONES[kind] },
      subject,
      detail,
      breaks: brokenBy(breaking),
    })),
    verdict: verdictOf(changes),
  };
}

function verdictOf(changes: readonly Change[]): State {
  const breaks = brokenBy(breakingOf(changes));
  return breaks ? { word: `breaks ${breaks}`, tone: 'bad' } : { word: 'breaks nobody', tone: 'good' };
}

function brokenBy({ requests, responses }: Change['breaking']): string {
  return [requests && 'requests', responses && 'responses'].filter(Boolean).join(' and ');
}
