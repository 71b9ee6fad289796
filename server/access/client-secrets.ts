import { newCredential } from '../credentials.ts';
import { type ClientSecret, replaceClientSecret } from '../store/access/oauth-clients.ts';
import type { Db } from '../store/database/database.ts';

/** Creates a client secret and returns it; only its hash is stored. Earlier ones expire after the overlap. */
export async function rotateClientSecret(
  db: Db,
  hubId: string,
  consumerId: string,
  overlapSeconds: number,
): Promise<ClientSecret & { client_secret: string }> {
  const { secret, hash, prefix } = newCredential('secret');
  const stored = await replaceClientSecret(db, hubId, consumerId, { hash, prefix }, overlapSeconds);
  return { ...stored, client_secret: secret };
}
