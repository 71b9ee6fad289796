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

/** What is stored of a credential. */
export interface StoredCredential {
  hash: Buffer;
  /** The first characters of the secret, for display. */
  prefix: string;
}

const OWN_COLUMNS =
  'hub_id, id, consumer_id, key_prefix, name, created_at, expires_at, revoked_at, last_used_at, replaced_by';
const COLUMNS = `${OWN_COLUMNS},
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

/** The scopes of a row that the same statement inserts: the statement cannot read them from the table yet. */
const WITH_GRANTED = `${OWN_COLUMNS}, array(select scope from granted order by scope) as scopes`;

export async function insertKey(db: Db, key: NewKey, { hash, prefix }: StoredCredential): Promise<ApiKey> {
  const [inserted] = await db.query<ApiKey>(
    `with key as (
       insert into api_keys (hub_id, consumer_id, key_hash, key_prefix, name, expires_at)
       values ($1, $2, $3, $4, $5, $6)
       returning *
     ), granted as (
       insert into api_key_scopes (hub_id, key_id, scope)
       select key.hub_id, key.id, scope from key, consumer_scopes
       where consumer_scopes.hub_id = $1 and consumer_scopes.consumer_id = $2
         and ($7::text[] is null or scope = any ($7))
       returning scope
     )
     select ${WITH_GRANTED} from key`,
    [key.hub_id, key.consumer_id, hash, prefix, key.name ?? '', key.expires_at ?? null, key.scopes ?? null],
  );
  return inserted as ApiKey;
}

/** Stores a key with the old one's name and scopes; the old one expires after the overlap. Undefined if it is revoked. */
export async function insertSuccessorKey(
  db: Db,
  hubId: string,
  id: string,
  { hash, prefix }: StoredCredential,
  overlapSeconds: number,
): Promise<ApiKey | undefined> {
  const [successor] = await db.query<ApiKey>(
    `with old as (
       select hub_id, consumer_id, name, expires_at from api_keys
       where hub_id = $1 and id = $2 and revoked_at is null for update
     ), key as (
       insert into api_keys (hub_id, consumer_id, key_hash, key_prefix, name, expires_at)
       select hub_id, consumer_id, $3, $4, name, expires_at from old
       returning *
     ), granted as (
       insert into api_key_scopes (hub_id, key_id, scope)
       select key.hub_id, key.id, scope
       from key
       join consumer_scopes
         on consumer_scopes.hub_id = key.hub_id and consumer_scopes.consumer_id = key.consumer_id
       where scope in (select scope from api_key_scopes as former where former.hub_id = $1 and key_id = $2)
       returning scope
     ), replaced as (
       update api_keys set replaced_by = key.id,
         expires_at = least(api_keys.expires_at, now() + make_interval(secs => $5))
       from key where api_keys.hub_id = $1 and api_keys.id = $2
     )
     select ${WITH_GRANTED} from key`,
    [hubId, id, hash, prefix, overlapSeconds],
  );
  return successor;
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

/** Revokes a key. When this returns no node accepts it: each node checks the key at every request. */
export async function revokeKey(db: Db, hubId: string, id: string): Promise<ApiKey | undefined> {
  const [revoked] = await db.query<ApiKey>(
    `update api_keys set revoked_at = coalesce(revoked_at, now()) where hub_id = $1 and id = $2 returning ${COLUMNS}`,
    [hubId, id],
  );
  return revoked;
}
