import { Renderer } from '../../contract/renderer.ts';
import { IhfError } from '../../errors.ts';
import { readTemplates } from '../../project-files.ts';
import type { Artifact, ArtifactName } from '../../store/contract/artifacts.ts';
import { readCurrentRevision } from '../../store/contract/revisions.ts';
import type { Database } from '../../store/database/database.ts';

/** A document or SDK of the current contract revision. */
export async function readCurrentArtifact(
  database: Database,
  name: ArtifactName,
  publicUrl: string | undefined,
): Promise<Artifact & { revision: number }> {
  const { revision } = await readCurrentRevision(database);
  const artifact = await new Renderer(database, await readTemplates(), publicUrl).artifact(revision, name);
  if (artifact) return { revision, ...artifact };
  throw new IhfError('not_found', 'No contract has been published yet. Start the server once.');
}
