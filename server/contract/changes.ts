import { type Change, diffDocuments, registryValueChange } from '../../codegen/diff.ts';
import { IhfError } from '../errors.ts';
import { type Revision, readCurrentRevision, releasesChanged } from '../store/contract/revisions.ts';
import type { Db } from '../store/database/database.ts';
import type { Renderer } from './renderer.ts';

/** What another generator of the SDKs is to those who use them. */
export const SDKS_CHANGED: Change = {
  kind: 'changed',
  subject: 'sdk',
  detail: 'The SDKs are made anew, by another version of the hub.',
  breaking: { requests: false, responses: false },
};

/** What a revision changed: its new edition's differences, or those of its registry changes. */
export function changesOf(revision: Revision): Change[] {
  return (
    (revision.document_changes as Change[] | null) ??
    revision.word_changes.flatMap(({ registry, before, after }) => registryValueChange(registry, before, after))
  );
}

/**
 * What changed from one revision to another.
 * @throws IhfError not_found if there is no such revision.
 */
export async function changesBetween(db: Db, renderer: Renderer, from: number, to: number): Promise<Change[]> {
  const document = async (revision: number) => {
    const found = await renderer.document(revision);
    if (found) return found;
    const { revision: current } = await readCurrentRevision(db);
    throw new IhfError('not_found', `There is no contract revision ${revision}. The current one is ${current}.`);
  };
  const changes = diffDocuments(await document(from), await document(to));
  const sdks = await releasesChanged(db, SDKS_CHANGED.subject, Math.min(from, to), Math.max(from, to));
  return sdks ? [...changes, SDKS_CHANGED] : changes;
}
