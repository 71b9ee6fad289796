import { type Change, wordChange } from '../../codegen/diff.ts';
import type { Revision } from '../store/revisions.ts';

/** What a revision changed: its new document's differences, or those of its registry changes. */
export function changesOf(revision: Revision): Change[] {
  return (
    (revision.document_changes as Change[] | null) ??
    revision.word_changes.flatMap(({ registry, before, after }) => wordChange(registry, before, after))
  );
}
