import type { Db } from '../database/database.ts';
import { type NewCredential, newCredential } from './credentials.ts';

export interface ApiKey {
  id: string;
  consumer_id: string;
  key_prefix: string;
  name: string;
  scopes: string[];
  created_at: string;
  expires_at: string | null;
  revoked_at: string | null;
  /** Some seconds behind. */
  last_used_at: string | null;
  /** The key that takes its place. */
  replaced_by: string | null;
}

/** A key as it is shown once: with the secret. */
export type IssuedKey = ApiKey & { key: string };

const COLUMNS = `id, consumer_id, key_prefix, name, created_at, expires_at, revoked_at, last_used_at, replaced_by,
  array(select scope from api_key_scopes where key_id = api_keys.id order by scope) as scopes`;

export interface NewKey {
  consumer_id: string;
  name?: string | undefined;
  expires_at?: string | null | undefined;
  /** All of the consumer's if left out. */
  scopes?: readonly string[] | undefined;
}

/** Makes a key. Its secret is in the answer and nowhere else. */
export async function insertKey(db: Db, key: NewKey): Promise<IssuedKey> {
  const credential: NewCredential = newCredential('key');
  const [row] = await db.query<{ id: string }>(
    `with key as (
       insert into api_keys (consumer_id, key_hash, key_prefix, name, expires_at) values ($1, $2, $3, $4, $5)
       returning id
     ), granted as (
       insert into api_key_scopes (key_id, scope)
       select key.id, scope from key, consumer_scopes
       where consumer_scopes.consumer_id = $1 and ($6::text[] is null or scope = any ($6))
     )
     select id from key`,
    [key.consumer_id, credential.hash, credential.prefix, key.name ?? '', key.expires_at ?? null, key.scopes ?? null],
  );
  const issued = (await findKey(db, (row as { id: string }).id)) as ApiKey;
  return { ...issued, key: credential.secret };
}

export async function findKey(db: Db, id: string): Promise<ApiKey | undefined> {
  const [key] = await db.query<ApiKey>(`select ${COLUMNS} from api_keys where id = $1`, [id]);
  return key;
}

/** The key whose place this one took. */
export async function findPredecessor(db: Db, { id, consumer_id }: ApiKey): Promise<ApiKey | undefined> {
  const [key] = await db.query<ApiKey>(
    `select ${COLUMNS} from api_keys where consumer_id = $1 and replaced_by = $2 order by id desc limit 1`,
    [consumer_id, id],
  );
  return key;
}

export function listKeys(db: Db, consumerId: string | undefined): Promise<ApiKey[]> {
  return db.query<ApiKey>(`select ${COLUMNS} from api_keys where $1::uuid is null or consumer_id = $1 order by id`, [
    consumerId ?? null,
  ]);
}

/** A new key with the old one's name and scopes; the old one ends after so many seconds. Undefined if it is revoked. */
export function rotateKey(db: Db, id: string, overlapSeconds: number): Promise<IssuedKey | undefined> {
  return db.transaction(async (within) => {
    const old = await findKey(within, id);
    if (!old || old.revoked_at) return undefined;
    const issued = await insertKey(within, old);
    await within.query(
      `update api_keys set replaced_by = $2, expires_at = least(expires_at, now() + make_interval(secs => $3))
       where id = $1`,
      [id, issued.id, overlapSeconds],
    );
    return issued;
  });
}

/** Ends a key. When this returns no node accepts it: each looks at every request. */
export async function revokeKey(db: Db, id: string): Promise<ApiKey | undefined> {
  await db.query('update api_keys set revoked_at = coalesce(revoked_at, now()) where id = $1', [id]);
  return findKey(db, id);
}
