import { newCredential } from '../credentials.ts';
import { insertToken } from '../store/access/access-tokens.ts';
import type { OAuthClient } from '../store/access/oauth-clients.ts';
import type { Db } from '../store/database/database.ts';

/** The lifetime of an access token, in seconds. */
export const TOKEN_LIFETIME = 900;

/** Issues an opaque access token and returns it; only its hash is stored. */
export async function issueToken(db: Db, client: OAuthClient, scopes: readonly string[]): Promise<string> {
  const { secret, hash } = newCredential('token');
  await insertToken(db, client, hash, scopes, TOKEN_LIFETIME);
  return secret;
}
