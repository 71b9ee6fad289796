import type { Db } from '../database/database.ts';

/** A revision in the package indexes. */
export interface PackageVersion {
  revision: number;
  version: string;
  committed_at: string;
  /** Undefined until the packages of the revision are rendered. */
  digests?: PackageDigests;
}

/** What the package indexes contain of the packages of a revision. */
export interface PackageDigests {
  npm_sha512: Buffer;
  npm_sha1: Buffer;
  npm_manifest: Record<string, unknown>;
  wheel_sha256: Buffer;
  wheel_size: number;
  wheel_metadata_sha256: Buffer;
}

/** Every revision that has a version, oldest first. */
export async function listPackageVersions(db: Db): Promise<PackageVersion[]> {
  const rows = await db.query<Omit<PackageVersion, 'digests'> & (PackageDigests | { wheel_size: null })>(
    `select revision, version, committed_at, npm_sha512, npm_sha1, npm_manifest, wheel_sha256, wheel_size,
       wheel_metadata_sha256
     from contract_versions join contract_revisions using (revision) left join contract_packages using (revision)
     order by revision`,
  );
  return rows.map(({ revision, version, committed_at, ...digests }) => {
    return { revision, version, committed_at, ...(digests.wheel_size !== null && { digests }) };
  });
}

/** The newest revision below another that has a version and whose packages are not rendered yet. */
export async function findRevisionWithoutDigests(db: Db, below: number): Promise<number | undefined> {
  const [row] = await db.query<{ revision: number }>(
    `select revision from contract_versions
     where revision < $1
       and not exists (select from contract_packages where contract_packages.revision = contract_versions.revision)
     order by revision desc limit 1`,
    [below],
  );
  return row?.revision;
}

/** Stores the digests of the packages of a revision, unless another node has. */
export async function addDigests(db: Db, revision: number, digests: PackageDigests): Promise<void> {
  await db.query(
    `insert into contract_packages
       (revision, npm_sha512, npm_sha1, npm_manifest, wheel_sha256, wheel_size, wheel_metadata_sha256)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict do nothing`,
    [
      revision,
      digests.npm_sha512,
      digests.npm_sha1,
      JSON.stringify(digests.npm_manifest),
      digests.wheel_sha256,
      digests.wheel_size,
      digests.wheel_metadata_sha256,
    ],
  );
}
