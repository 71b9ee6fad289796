import type { Db } from '../database/database.ts';
import type { ManifestStatus } from './identities.ts';

export interface Manifest {
  id: string;
  hub_id: string;
  name: string;
  status: ManifestStatus;
  scopes: string[];
  created_at: string;
  status_changed_at: string;
}

const COLUMNS = `id, hub_id, name, status, created_at, status_changed_at,
  array(select scope from manifest_scopes where manifest_id = manifest.id order by scope) as scopes`;

/** Creates a draft. @throws IhfError invalid_request if there is no such scope. */
export async function insertManifest(
  db: Db,
  manifest: { hub_id: string; name: string; scopes: readonly string[] },
): Promise<Manifest> {
  const [created] = await db.query<{ id: string }>(
    `with manifest as (insert into hub_capability_manifests (hub_id, name) values ($1, $2) returning id),
       declared as (insert into manifest_scopes (manifest_id, scope) select id, unnest($3::text[]) from manifest)
     select id from manifest`,
    [manifest.hub_id, manifest.name, manifest.scopes],
  );
  return (await findManifest(db, (created as { id: string }).id)) as Manifest;
}

export async function findManifest(db: Db, id: string): Promise<Manifest | undefined> {
  const [manifest] = await db.query<Manifest>(
    `select ${COLUMNS} from hub_capability_manifests as manifest where id = $1`,
    [id],
  );
  return manifest;
}

export function listManifests(db: Db, hubId: string | undefined): Promise<Manifest[]> {
  return db.query<Manifest>(
    `select ${COLUMNS} from hub_capability_manifests as manifest where $1::uuid is null or hub_id = $1 order by id`,
    [hubId ?? null],
  );
}

/**
 * Changes a manifest's state. When this returns, no node honours a write scope that has gone: each looks at every
 * request.
 * @throws IhfError conflict if another manifest of the hub is active, or the state cannot follow the present one.
 */
export async function setManifestStatus(db: Db, id: string, status: ManifestStatus): Promise<Manifest | undefined> {
  await db.query('update hub_capability_manifests set status = $2 where id = $1', [id, status]);
  return findManifest(db, id);
}
