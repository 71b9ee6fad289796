import { newCredential } from '../credentials.ts';
import { insertToken } from '../store/access/access-tokens.ts';
import type { OAuthClient } from '../store/access/oauth-clients.ts';
import type { Db } from '../store/database/database.ts';

/** The lifetime of an access token, in seconds. */
export const TOKEN_LIFETIME = 900;

/** Maximum number of tokens of one client per minute. One token serves a client for 15 minutes; many processes may share it. */
export const TOKENS_PER_MINUTE = 300;

/** Issues an opaque access token; only its hash is stored. Undefined if the client has reached its limit. */
export async function issueToken(db: Db, client: OAuthClient, scopes: readonly string[]): Promise<string | undefined> {
  const { secret, hash } = newCredential('token');
  const isStored = await insertToken(db, client, hash, scopes, TOKEN_LIFETIME, TOKENS_PER_MINUTE);
  return isStored ? secret : undefined;
}
