import { breakingOf } from '../../codegen/diff.ts';
import type { Document } from '../../codegen/document.ts';
import { nextVersion } from '../../codegen/version.ts';
import { readDocument } from '../store/contract/revisions.ts';
import { addVersions, findLastVersion, findVersion, revisionsAfter } from '../store/contract/versions.ts';
import type { Db } from '../store/database/database.ts';
import { changesOf } from './changes.ts';

/** Maximum number of revisions that get their versions in one statement. */
const BATCH = 500;

/**
 * The version of a revision and of its packages; undefined if there is no such revision. Versions are stored when they are
 * first needed: a later release may find other changes breaking, and a published version must not move.
 */
export async function versionOf(db: Db, revision: number): Promise<string | undefined> {
  for (;;) {
    const version = await findVersion(db, revision);
    if (version !== undefined || !(await addNextVersions(db, revision))) return version;
  }
}

/** @returns whether there was any revision without a version, up to the given one. */
async function addNextVersions(db: Db, upTo: number): Promise<boolean> {
  const last = await findLastVersion(db);
  const revisions = await revisionsAfter(db, last?.revision ?? 0, { upTo, limit: BATCH });
  const documents = new Map<string, Document>();
  const given: { revision: number; version: string }[] = [];
  let version = last?.version;
  for (const revision of revisions) {
    const { document_digest: digest } = revision;
    const document = documents.get(digest) ?? ((await readDocument(db, digest)) as Document);
    documents.set(digest, document);
    const isBreaking = Object.values(breakingOf(changesOf(revision))).includes(true);
    version = nextVersion(version, document, revision.revision, isBreaking);
    given.push({ revision: revision.revision, version });
  }
  if (given.length > 0) await addVersions(db, last?.revision ?? null, given);
  return given.length > 0;
}
