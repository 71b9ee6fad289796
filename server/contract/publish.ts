import type { AuthoredContract } from '../../codegen/authored.ts';
import { diffDocuments } from '../../codegen/diff.ts';
import type { Document } from '../../codegen/document.ts';
import { generatorDigest } from '../../codegen/sdk/generator-digest.ts';
import type { SdkTemplates } from '../../codegen/sdk/render.ts';
import { ARTIFACTS } from '../store/contract/artifacts.ts';
import {
  type CurrentRevision,
  type KnownRelease,
  publishRelease,
  type Release,
  readCurrentRevision,
  readDocument,
} from '../store/contract/revisions.ts';
import type { Db } from '../store/database/database.ts';
import { SDKS_CHANGED } from './changes.ts';
import { Renderer } from './renderer.ts';

/** Whether the current revision belongs to this release. */
export function isCurrent(release: Release, current: KnownRelease): boolean {
  return current.document_digest === release.document_digest && current.generator_digest === release.generator_digest;
}

/**
 * Publishes a release as a new revision, unless it is current, or was current before a release that other nodes still
 * run: a node of an older release that restarts during an upgrade must not revert the contract.
 */
export async function publish(
  db: Db,
  release: Release,
  {
    authored,
    templates,
    publicUrl,
  }: { authored: AuthoredContract; templates: SdkTemplates; publicUrl?: string | undefined },
): Promise<void> {
  const current: CurrentRevision = await readCurrentRevision(db);
  if (isCurrent(release, current)) return;
  const { document_digest: digest, generator_digest: generator } = current;
  if (digest === null) {
    await publishRelease(db, release, authored.document, []);
    return;
  }
  const before = { document: (await readDocument(db, digest)) as Document, digest };
  const changes = diffDocuments(before.document, authored.document);
  if (generatorDigest(templates, before) !== generator) changes.push(SDKS_CHANGED);
  await db.transaction(async (transaction) => {
    const revision = await publishRelease(transaction, release, authored.document, changes);
    if (revision === null) return;
    // Rendered in the same transaction: otherwise a node of the older release could render the SDKs first, its way.
    const renderer = new Renderer(transaction, templates, publicUrl);
    for (const name of ARTIFACTS) await renderer.artifact(revision, name);
  });
}
