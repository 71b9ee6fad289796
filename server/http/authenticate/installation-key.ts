import { credentialKind, hashCredential } from '../../credentials.ts';
import { type InstallationKey, useInstallationKey } from '../../store/access/installation-keys.ts';
import type { Db } from '../../store/database/database.ts';
import { bearerCredential, invalidToken, missingCredential } from './challenges.ts';

/**
 * The installation key of the Authorization header. Not batched as the keys of consumers are: such requests are rare.
 * @throws IhfError unauthenticated for a missing, unknown or inactive key, and for a credential of a consumer.
 */
export async function findInstallationCaller(db: Db, authorization: string | undefined): Promise<InstallationKey> {
  const remedy = 'Send an installation key: Authorization: Bearer ihf_installation_….';
  if (authorization === undefined) throw missingCredential(remedy);
  const credential = bearerCredential(authorization);
  const kind = credentialKind(credential);
  if (kind === 'key' || kind === 'token') {
    throw invalidToken(
      'This operation concerns all hubs and requires an installation key. Ask the operator to create one.',
    );
  }
  if (kind !== 'installation') {
    throw invalidToken('Authorization must be Bearer and a well-formed installation key. Check it for typos.');
  }
  const key = await useInstallationKey(db, hashCredential(credential));
  if (!key) throw invalidToken('Unknown installation key. Check that this server issued it.');
  if (key.invalid_reason !== null) {
    const state = key.invalid_reason === 'expired' ? 'has expired' : 'is revoked';
    throw invalidToken(`The installation key ${state}. Use an active key.`);
  }
  return key;
}
