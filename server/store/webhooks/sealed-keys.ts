import type { Db } from '../database/database.ts';

/** What was encrypted under the secret key: the signing keys of a subscription. */
export interface SealedKeys {
  hub_id: string;
  id: string;
  keys: Buffer;
  previous_keys: Buffer | null;
}

/** The encrypted keys of all hubs, `limit` subscriptions after an id. */
export function listSealedKeys(db: Db, afterId: string, limit: number): Promise<SealedKeys[]> {
  return db.query<SealedKeys>(
    `select hub_id, id, keys, previous_keys from webhook_subscriptions
     where id > $1 and status <> 'deleted' order by id limit $2`,
    [afterId, limit],
  );
}

/** Replaces encrypted keys in whichever column they are now. */
export async function replaceSealedKeys(
  db: Db,
  { hub_id, id }: Pick<SealedKeys, 'hub_id' | 'id'>,
  from: Buffer,
  to: Buffer,
): Promise<void> {
  await db.query(
    `update webhook_subscriptions set keys = case when keys = $3 then $4 else keys end,
       previous_keys = case when previous_keys = $3 then $4 else previous_keys end
     where hub_id = $1 and id = $2 and (keys = $3 or previous_keys = $3)`,
    [hub_id, id, from, to],
  );
}

/** The value with which a start checks its secret key. Stores the given one if there is none yet. */
export async function findOrStoreSecretKeyCheck(db: Db, sealed: Buffer): Promise<Buffer> {
  await db.query('insert into secret_key_check (sealed) values ($1) on conflict do nothing', [sealed]);
  const [row] = await db.query<{ sealed: Buffer }>('select sealed from secret_key_check');
  return (row as { sealed: Buffer }).sealed;
}

export async function replaceSecretKeyCheck(db: Db, sealed: Buffer): Promise<void> {
  await db.query('update secret_key_check set sealed = $1', [sealed]);
}
