import { type Breaking, breakingOf, type Change } from '../../codegen/diff.ts';
import { findRevision } from '../store/contract/revisions.ts';
import type { Db } from '../store/database/database.ts';
import { changesOf } from './changes.ts';

/** What a revision changed and whom it breaks. */
export async function revisionChanges(db: Db, revision: number): Promise<{ breaking: Breaking; changes: Change[] }> {
  const found = await findRevision(db, revision);
  const changes = found ? changesOf(found) : [];
  return { breaking: breakingOf(changes), changes };
}
