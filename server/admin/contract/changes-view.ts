import { breakingOf, type Change } from '../../../codegen/diff.ts';
import type { Badge } from '../core/format.ts';

const TONES: Record<Change['kind'], Badge['tone']> = {
  added: 'good',
  changed: '',
  deprecated: 'warn',
  described: '',
  removed: 'bad',
  retired: 'bad',
};

/** Contract changes, and whether they are breaking taken together. */
export function changesView(changes: readonly Change[]) {
  return {
    changes: changes.map(({ kind, subject, detail, breaking }) => ({
      kind: { text: kind, tone: TONES[kind] },
      subject,
      detail,
      breakingFor: breakingFor(breaking),
    })),
    impact: impactBadge(changes),
  };
}

function impactBadge(changes: readonly Change[]): Badge {
  const sides = breakingFor(breakingOf(changes));
  return sides ? { text: `breaking for ${sides}`, tone: 'bad' } : { text: 'not breaking', tone: 'good' };
}

/** 'requests', 'responses', 'generated code', or several of them. */
function breakingFor({ requests, responses, generated_code: code }: Change['breaking']): string {
  return [requests && 'requests', responses && 'responses', code && 'generated code'].filter(Boolean).join(' and ');
}
