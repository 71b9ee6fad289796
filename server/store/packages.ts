import type { Db } from './database.ts';

export type PackageName = 'ihf-client.tgz' | 'ihf_client.whl';

/** What an installer takes. */
export interface Package {
  /** `sha256:` and the hex SHA-256 of the content. */
  digest: string;
  content: Buffer;
}

export async function findPackage(db: Db, revision: number, name: PackageName): Promise<Package | undefined> {
  const [found] = await db.query<Package>(
    'select digest, content from contract_packages where revision = $1 and name = $2',
    [revision, name],
  );
  return found;
}

/** Keeps a package, unless another node's is kept already: then that one is the package. */
export async function keepPackage(db: Db, revision: number, name: PackageName, made: Package): Promise<Package> {
  const [kept] = await db.query<Package>(
    `insert into contract_packages (revision, name, digest, content) values ($1, $2, $3, $4)
     on conflict (revision, name) do nothing
     returning digest, content`,
    [revision, name, made.digest, made.content],
  );
  return kept ?? ((await findPackage(db, revision, name)) as Package);
}

/** The revisions of which this package was made, newest first. */
export function packedRevisions(db: Db, name: PackageName): Promise<{ revision: number; digest: string }[]> {
  return db.query('select revision, digest from contract_packages where name = $1 order by revision desc', [name]);
}
