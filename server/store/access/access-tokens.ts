import type { Db } from '../database/database.ts';
import { hashCredential, newCredential } from './credentials.ts';
import type { OAuthClient } from './oauth-clients.ts';

/** How long an access token lives, in seconds. */
export const TOKEN_LIFETIME = 900;

/** Issues an opaque access token. Its text is in the answer and nowhere else. */
export async function issueToken(db: Db, client: OAuthClient, scopes: readonly string[]): Promise<string> {
  const credential = newCredential('token');
  await db.query(
    `with token as (
       insert into access_tokens (token_hash, consumer_id, secret_id, expires_at)
       values ($1, $2, $3, now() + make_interval(secs => $4))
       returning id
     )
     insert into access_token_scopes (token_id, scope) select id, unnest($5::text[]) from token`,
    [credential.hash, client.consumer_id, client.secret_id, TOKEN_LIFETIME, scopes],
  );
  return credential.secret;
}

/** Ends a token, if it is this consumer's (RFC 7009, section 2.1). */
export async function revokeToken(db: Db, consumerId: string, token: string): Promise<void> {
  await db.query(
    'update access_tokens set revoked_at = coalesce(revoked_at, now()) where token_hash = $1 and consumer_id = $2',
    [hashCredential(token), consumerId],
  );
}

export interface TokenTimes {
  issued_at: string;
  expires_at: string;
}

/** When a token was issued and when it ends. */
export async function findTokenTimes(db: Db, token: string): Promise<TokenTimes | undefined> {
  const [times] = await db.query<TokenTimes>('select issued_at, expires_at from access_tokens where token_hash = $1', [
    hashCredential(token),
  ]);
  return times;
}

/** Deletes the tokens that ended more than a day ago. */
export async function deleteExpiredTokens(db: Db): Promise<void> {
  await db.query("delete from access_tokens where expires_at <= now() - interval '1 day'");
}
