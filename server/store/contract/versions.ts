import type { Db } from '../database/database.ts';
import { REVISION_COLUMNS, type Revision } from './revisions.ts';

/** The version of a revision; undefined if there is no such revision, or if it has none yet. */
export async function findVersion(db: Db, revision: number): Promise<string | undefined> {
  const text = 'select version from contract_versions where revision = $1';
  const [row] = await db.query<{ version: string }>(text, [revision], 'contract_version');
  return row?.version;
}

/** The last revision that has a version. */
export async function findLastVersion(db: Db): Promise<{ revision: number; version: string } | undefined> {
  const [last] = await db.query<{ revision: number; version: string }>(
    'select revision, version from contract_versions order by revision desc limit 1',
  );
  return last;
}

/** The first revisions after one, up to another, with the digests of their documents. */
export function revisionsAfter(
  db: Db,
  after: number,
  { upTo, limit }: { upTo: number; limit: number },
): Promise<(Revision & { document_digest: string })[]> {
  return db.query(
    `select ${REVISION_COLUMNS}, document_digest from contract_revisions
     where revision > $1 and revision <= $2 and document_digest is not null
     order by revision limit $3`,
    [after, upTo, limit],
  );
}

/**
 * Gives the versions of the revisions after one.
 * @param after the last revision that has a version; null if none has.
 * @returns false if another node has given versions since.
 */
export async function addVersions(
  db: Db,
  after: number | null,
  given: readonly { revision: number; version: string }[],
): Promise<boolean> {
  const [row] = await db.query<{ added: boolean }>('select ihf_add_versions($1, $2, $3) as added', [
    after,
    given.map(({ revision }) => revision),
    given.map(({ version }) => version),
  ]);
  return row?.added ?? false;
}
