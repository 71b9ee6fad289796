import { newCredential } from '../credentials.ts';
import {
  type InstallationKey,
  insertInstallationKey,
  type NewInstallationKey,
} from '../store/access/installation-keys.ts';
import type { Db } from '../store/database/database.ts';

/** A new key of the installation with its secret, which only this response contains. */
export type IssuedInstallationKey = InstallationKey & { key: string };

/** Creates a key of the installation. Only its hash is stored: the returned secret cannot be read again. */
export async function issueInstallationKey(db: Db, key: NewInstallationKey): Promise<IssuedInstallationKey> {
  const { secret, hash, prefix } = newCredential('installation');
  return { ...(await insertInstallationKey(db, key, { hash, prefix })), key: secret };
}
