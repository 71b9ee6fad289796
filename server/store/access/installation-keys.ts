import type { Db } from '../database/database.ts';
import type { StoredCredential } from './api-keys.ts';

/** What a key of the installation may do. */
export const INSTALLATION_SCOPES = ['installation:registries:write'] as const;
export type InstallationScope = (typeof INSTALLATION_SCOPES)[number];

/** A credential of the installation. It belongs to no hub: what it changes concerns all hubs. */
export interface InstallationKey {
  id: string;
  key_prefix: string;
  name: string;
  scopes: InstallationScope[];
  created_at: string;
  expires_at: string | null;
  revoked_at: string | null;
  /** To the minute. */
  last_used_at: string | null;
}

const COLUMNS = 'id, key_prefix, name, scopes, created_at, expires_at, revoked_at, last_used_at';

export interface NewInstallationKey {
  name: string;
  scopes: readonly InstallationScope[];
  expires_at?: string | null | undefined;
}

export async function insertInstallationKey(
  db: Db,
  key: NewInstallationKey,
  { hash, prefix }: StoredCredential,
): Promise<InstallationKey> {
  const [inserted] = await db.query<InstallationKey>(
    `insert into installation_keys (key_hash, key_prefix, name, scopes, expires_at) values ($1, $2, $3, $4, $5)
     returning ${COLUMNS}`,
    [hash, prefix, key.name, key.scopes, key.expires_at ?? null],
  );
  return inserted as InstallationKey;
}

export function listInstallationKeys(db: Db): Promise<InstallationKey[]> {
  return db.query<InstallationKey>(`select ${COLUMNS} from installation_keys order by id`);
}

export async function findInstallationKey(db: Db, id: string): Promise<InstallationKey | undefined> {
  const [key] = await db.query<InstallationKey>(`select ${COLUMNS} from installation_keys where id = $1`, [id]);
  return key;
}

/** The key that a request presents, and why it is rejected, if it is. Stores the time of its use. */
export async function useInstallationKey(
  db: Db,
  hash: Buffer,
): Promise<(InstallationKey & { invalid_reason: 'revoked' | 'expired' | null }) | undefined> {
  const [key] = await db.query<InstallationKey & { invalid_reason: 'revoked' | 'expired' | null }>(
    `with used as (
       update installation_keys set last_used_at = now()
       where key_hash = $1 and revoked_at is null and (expires_at is null or expires_at > now())
         and (last_used_at is null or last_used_at < now() - interval '1 minute')
     )
     select ${COLUMNS},
       case when revoked_at is not null then 'revoked' when expires_at <= now() then 'expired' end as invalid_reason
     from installation_keys where key_hash = $1`,
    [hash],
    'use_installation_key',
  );
  return key;
}

/** Revokes a key. When this returns no node accepts it: each node checks the key at every request. */
export async function revokeInstallationKey(db: Db, id: string): Promise<InstallationKey | undefined> {
  const [revoked] = await db.query<InstallationKey>(
    `update installation_keys set revoked_at = coalesce(revoked_at, now()) where id = $1 returning ${COLUMNS}`,
    [id],
  );
  return revoked;
}
