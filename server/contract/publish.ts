import type { AuthoredContract } from '../../codegen/authored.ts';
import { diffDocuments } from '../../codegen/diff.ts';
import type { Document } from '../../codegen/document.ts';
import { generatorDigest } from '../../codegen/sdk/generator-digest.ts';
import type { SdkTemplates } from '../../codegen/sdk/render.ts';
import { ARTIFACTS } from '../store/contract/artifacts.ts';
import {
  type KnownRelease,
  publishRelease,
  type Release,
  readCurrentRevision,
  readDocument,
} from '../store/contract/revisions.ts';
import type { Db } from '../store/database/database.ts';
import { SDKS_CHANGED } from './changes.ts';
import { Renderer } from './renderer.ts';

export function isCurrent(edition: Release, head: KnownRelease): boolean {
  return head.document_digest === edition.document_digest && head.generator_digest === edition.generator_digest;
}

/** Makes an edition the current one, as a revision of its own, unless it is, or has been before what is served now. */
export async function publish(
  db: Db,
  edition: Release,
  { authored, templates }: { authored: AuthoredContract; templates: SdkTemplates },
): Promise<void> {
  const head = await readCurrentRevision(db);
  if (isCurrent(edition, head)) return;
  if (head.document_digest === null) {
    await publishRelease(db, edition, authored.document, []);
    return;
  }
  const before = { document: (await readDocument(db, head.document_digest)) as Document, digest: head.document_digest };
  const changes = diffDocuments(before.document, authored.document);
  if (generatorDigest(templates, before) !== head.generator_digest) changes.push(SDKS_CHANGED);
  await db.transaction(async (within) => {
    const revision = await publishRelease(within, edition, authored.document, changes);
    if (revision === null) return;
    // Nodes of the version before would render the revision in their way, if they came first.
    const renderer = new Renderer(within, templates);
    for (const name of ARTIFACTS) await renderer.artifact(revision, name);
  });
}
