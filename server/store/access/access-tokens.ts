import type { Db } from '../database/database.ts';
import type { OAuthClient } from './oauth-clients.ts';

/**
 * Stores a token unless the client has reached the limit.
 * @param lifetime in seconds.
 * @param perMinute maximum number of tokens of the client per minute.
 * @returns whether it was stored.
 */
export async function insertToken(
  db: Db,
  client: OAuthClient,
  hash: Buffer,
  scopes: readonly string[],
  lifetime: number,
  perMinute: number,
): Promise<boolean> {
  const stored = await db.query(
    `with token as (
       insert into access_tokens (hub_id, token_hash, consumer_id, secret_id, expires_at)
       select $1, $2, $3, $4, now() + make_interval(secs => $5)
       from (select count(*) as issued from access_tokens
         where hub_id = $1 and consumer_id = $3 and id > ihf_uuidv7_floor(now() - interval '1 minute')
           and id < ihf_uuidv7_floor(now() + interval '1 minute')) as recent
       where issued < $7
       returning hub_id, id
     ), scopes as (
       insert into access_token_scopes (hub_id, token_id, scope) select hub_id, id, unnest($6::text[]) from token
     )
     select id from token`,
    [client.hub_id, hash, client.consumer_id, client.secret_id, lifetime, scopes, perMinute],
  );
  return stored.length > 0;
}

/** Revokes a token, if it is this consumer's (RFC 7009, section 2.1). */
export async function revokeToken(db: Db, hubId: string, consumerId: string, hash: Buffer): Promise<void> {
  await db.query(
    `update access_tokens set revoked_at = coalesce(revoked_at, now())
     where hub_id = $1 and token_hash = $2 and consumer_id = $3`,
    [hubId, hash, consumerId],
  );
}

export interface TokenTimes {
  issued_at: string;
  expires_at: string;
}

/** When a token was issued and when it expires. */
export async function findTokenTimes(db: Db, hubId: string, hash: Buffer): Promise<TokenTimes | undefined> {
  const [times] = await db.query<TokenTimes>(
    'select issued_at, expires_at from access_tokens where hub_id = $1 and token_hash = $2',
    [hubId, hash],
  );
  return times;
}

/** Deletes the tokens that expired more than a day ago. */
export async function deleteExpiredTokens(db: Db): Promise<void> {
  await db.query("delete from access_tokens where expires_at <= now() - interval '1 day'");
}
