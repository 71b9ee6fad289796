import type { Db } from '../database/database.ts';

export const ARTIFACTS = [
  'openapi.json',
  'openapi.yaml',
  'ihf-client.ts',
  'ihf-client.py',
  'client.tgz',
  'ihf-client.tgz',
  'ihf_client.whl',
] as const;
export type ArtifactName = (typeof ARTIFACTS)[number];

/** A rendered document, SDK or package of a revision. */
export interface Artifact {
  /** `sha256:` and the hex SHA-256 of the content. */
  digest: string;
  content: Buffer;
}

export async function findArtifact(db: Db, revision: number, name: ArtifactName): Promise<Artifact | undefined> {
  const [artifact] = await db.query<Artifact>(
    'select digest, content from contract_artifacts where revision = $1 and name = $2',
    [revision, name],
  );
  return artifact;
}

/** Keeps a rendering, unless another node's is kept already: then that one is the artifact. */
export async function saveArtifact(db: Db, revision: number, name: ArtifactName, made: Artifact): Promise<Artifact> {
  const kept = await db.query(
    `insert into contract_artifacts (revision, name, digest, content) values ($1, $2, $3, $4)
     on conflict (revision, name) do nothing
     returning revision`,
    [revision, name, made.digest, made.content],
  );
  return kept.length > 0 ? made : ((await findArtifact(db, revision, name)) as Artifact);
}

/** The digests of the documents of these revisions, as far as they were rendered. */
export async function documentDigests(db: Db, revisions: readonly number[]): Promise<Map<number, string>> {
  const rows = await db.query<{ revision: number; digest: string }>(
    `select revision, digest from contract_artifacts where name = 'openapi.json' and revision = any ($1)`,
    [revisions],
  );
  return new Map(rows.map(({ revision, digest }) => [revision, digest]));
}
