import { type NewCredential, newCredential } from '../../credentials.ts';
import type { Db } from '../database/database.ts';

export interface ApiKey {
  hub_id: string;
  id: string;
  consumer_id: string;
  key_prefix: string;
  name: string;
  scopes: string[];
  created_at: string;
  expires_at: string | null;
  revoked_at: string | null;
  /** Written every few seconds. */
  last_used_at: string | null;
  /** The id of the key that replaces it. */
  replaced_by: string | null;
}

/** A new key with its secret, which only this response contains. */
export type IssuedKey = ApiKey & { key: string };

const COLUMNS = `hub_id, id, consumer_id, key_prefix, name, created_at, expires_at, revoked_at, last_used_at, replaced_by,
  array(select scope from api_key_scopes as granted
    where granted.hub_id = api_keys.hub_id and key_id = api_keys.id order by scope) as scopes`;

export interface NewKey {
  hub_id: string;
  consumer_id: string;
  name?: string | undefined;
  expires_at?: string | null | undefined;
  /** All of the consumer's if left out. */
  scopes?: readonly string[] | undefined;
}

/** Creates a key. Only its hash is stored: the returned secret cannot be read again. */
export async function insertKey(db: Db, key: NewKey): Promise<IssuedKey> {
  const credential: NewCredential = newCredential('key');
  const [row] = await db.query<{ id: string }>(
    `with key as (
       insert into api_keys (hub_id, consumer_id, key_hash, key_prefix, name, expires_at)
       values ($1, $2, $3, $4, $5, $6)
       returning hub_id, id
     ), granted as (
       insert into api_key_scopes (hub_id, key_id, scope)
       select key.hub_id, key.id, scope from key, consumer_scopes
       where consumer_scopes.hub_id = $1 and consumer_id = $2 and ($7::text[] is null or scope = any ($7))
     )
     select id from key`,
    [
      ...[key.hub_id, key.consumer_id, credential.hash, credential.prefix],
      ...[key.name ?? '', key.expires_at ?? null, key.scopes ?? null],
    ],
  );
  const issued = (await findKey(db, key.hub_id, (row as { id: string }).id)) as ApiKey;
  return { ...issued, key: credential.secret };
}

export async function findKey(db: Db, hubId: string, id: string): Promise<ApiKey | undefined> {
  const [key] = await db.query<ApiKey>(`select ${COLUMNS} from api_keys where hub_id = $1 and id = $2`, [hubId, id]);
  return key;
}

/** The key that this one replaced. */
export async function findPredecessor(db: Db, { hub_id, id, consumer_id }: ApiKey): Promise<ApiKey | undefined> {
  const [key] = await db.query<ApiKey>(
    `select ${COLUMNS} from api_keys
     where hub_id = $1 and consumer_id = $2 and replaced_by = $3 order by id desc limit 1`,
    [hub_id, consumer_id, id],
  );
  return key;
}

/** The keys of a hub, or of all hubs; with a consumer id, only of this consumer. */
export function listKeys(db: Db, hubId: string | undefined, consumerId?: string): Promise<ApiKey[]> {
  return db.query<ApiKey>(
    `select ${COLUMNS} from api_keys
     where ($1::uuid is null or hub_id = $1) and ($2::uuid is null or consumer_id = $2) order by id`,
    [hubId ?? null, consumerId ?? null],
  );
}

/** Creates a key with the old one's name and scopes; the old one expires after the overlap. Undefined if it is revoked. */
export function rotateKey(db: Db, hubId: string, id: string, overlapSeconds: number): Promise<IssuedKey | undefined> {
  return db.transaction(async (within) => {
    const old = await findKey(within, hubId, id);
    if (!old || old.revoked_at) return undefined;
    const issued = await insertKey(within, old);
    await within.query(
      `update api_keys set replaced_by = $3, expires_at = least(expires_at, now() + make_interval(secs => $4))
       where hub_id = $1 and id = $2`,
      [hubId, id, issued.id, overlapSeconds],
    );
    return issued;
  });
}

/** Revokes a key. When this returns no node accepts it: each node checks the key at every request. */
export async function revokeKey(db: Db, hubId: string, id: string): Promise<ApiKey | undefined> {
  await db.query('update api_keys set revoked_at = coalesce(revoked_at, now()) where hub_id = $1 and id = $2', [
    ...[hubId, id],
  ]);
  return findKey(db, hubId, id);
}
