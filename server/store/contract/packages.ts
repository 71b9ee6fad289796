import type { Db } from '../database/database.ts';

/** What the package indexes list of a revision. */
export interface PackagedRevision {
  revision: number;
  version: string;
  committed_at: string;
  npm_sha512: Buffer;
  npm_sha1: Buffer;
  npm_manifest: Record<string, unknown>;
  wheel_sha256: Buffer;
  wheel_size: number;
  wheel_metadata_sha256: Buffer;
}

/** The revisions whose packages are known, oldest first. */
export function listPackagedRevisions(db: Db): Promise<PackagedRevision[]> {
  return db.query(
    `select revision, version, committed_at, npm_sha512, npm_sha1, npm_manifest, wheel_sha256, wheel_size,
       wheel_metadata_sha256
     from contract_packages join contract_versions using (revision) join contract_revisions using (revision)
     order by revision`,
  );
}

/** The revisions that have a version and whose packages are not known yet, newest first. */
export async function unpackagedRevisions(db: Db): Promise<number[]> {
  const rows = await db.query<{ revision: number }>(
    `select revision from contract_versions
     where not exists (select from contract_packages where contract_packages.revision = contract_versions.revision)
     order by revision desc`,
  );
  return rows.map(({ revision }) => revision);
}

/** Stores what is known of the packages of a revision, unless another node has. */
export async function addPackagedRevision(
  db: Db,
  packaged: Omit<PackagedRevision, 'version' | 'committed_at'>,
): Promise<void> {
  await db.query(
    `insert into contract_packages
       (revision, npm_sha512, npm_sha1, npm_manifest, wheel_sha256, wheel_size, wheel_metadata_sha256)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict do nothing`,
    [
      packaged.revision,
      packaged.npm_sha512,
      packaged.npm_sha1,
      JSON.stringify(packaged.npm_manifest),
      packaged.wheel_sha256,
      packaged.wheel_size,
      packaged.wheel_metadata_sha256,
    ],
  );
}
