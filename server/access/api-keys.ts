import { newCredential } from '../credentials.ts';
import { type ApiKey, insertKey, insertSuccessorKey, type NewKey } from '../store/access/api-keys.ts';
import type { Db } from '../store/database/database.ts';

/** A new key with its secret, which only this response contains. */
export type IssuedKey = ApiKey & { key: string };

/** Creates a key. Only its hash is stored: the returned secret cannot be read again. */
export async function issueKey(db: Db, key: NewKey): Promise<IssuedKey> {
  const { secret, hash, prefix } = newCredential('key');
  return { ...(await insertKey(db, key, { hash, prefix })), key: secret };
}

/** Creates a key with the old one's name and scopes; the old one expires after the overlap. Undefined if it is revoked. */
export async function rotateKey(
  db: Db,
  hubId: string,
  id: string,
  overlapSeconds: number,
): Promise<IssuedKey | undefined> {
  const { secret, hash, prefix } = newCredential('key');
  const successor = await insertSuccessorKey(db, hubId, id, { hash, prefix }, overlapSeconds);
  return successor && { ...successor, key: secret };
}
