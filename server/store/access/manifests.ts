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

const OWN_COLUMNS = 'id, hub_id, name, status, created_at, status_changed_at';
const COLUMNS = `${OWN_COLUMNS},
  array(select scope from manifest_scopes as declared
    where declared.hub_id = manifest.hub_id and manifest_id = manifest.id order by scope) as scopes`;

/** Creates a draft. @throws IhfError invalid_request if there is no such scope. */
export async function insertManifest(
  db: Db,
  manifest: { hub_id: string; name: string; scopes: readonly string[] },
): Promise<Manifest> {
  const [created] = await db.query<Manifest>(
    `with manifest as (
       insert into hub_capability_manifests (hub_id, name) values ($1, $2) returning *
     ), declared as (
       insert into manifest_scopes (hub_id, manifest_id, scope) select hub_id, id, unnest($3::text[]) from manifest
       returning scope
     )
     select ${OWN_COLUMNS}, array(select scope from declared order by scope) as scopes from manifest`,
    [manifest.hub_id, manifest.name, manifest.scopes],
  );
  return created as Manifest;
}

export async function findManifest(db: Db, hubId: string, id: string): Promise<Manifest | undefined> {
  const [manifest] = await db.query<Manifest>(
    `select ${COLUMNS} from hub_capability_manifests as manifest where hub_id = $1 and id = $2`,
    [hubId, id],
  );
  return manifest;
}

/** The manifests of a hub, or of all hubs. */
export function listManifests(db: Db, hubId: string | undefined): Promise<Manifest[]> {
  return db.query<Manifest>(
    `select ${COLUMNS} from hub_capability_manifests as manifest where $1::uuid is null or hub_id = $1 order by id`,
    [hubId ?? null],
  );
}

/**
 * Sets a manifest's status. When this returns, no node honors a write scope that is no longer in force: each node checks
 * the manifest at every request.
 * @throws IhfError conflict if another manifest of the hub is active, or the current status cannot change to this one.
 */
export async function setManifestStatus(
  db: Db,
  hubId: string,
  id: string,
  status: ManifestStatus,
): Promise<Manifest | undefined> {
  const [changed] = await db.query<Manifest>(
    `update hub_capability_manifests as manifest set status = $3 where hub_id = $1 and id = $2 returning ${COLUMNS}`,
    [hubId, id, status],
  );
  return changed;
}
