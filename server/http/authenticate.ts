import type { Authenticator } from '../batching/authenticator.ts';
import { IhfError } from '../errors.ts';
import type { Admission } from '../store/access/admissions.ts';
import { credentialKind, hashCredential } from '../store/access/credentials.ts';
import { scopeDenialReason } from '../store/access/identities.ts';

const REALM = 'Bearer realm="ihf"';

/**
 * Finds out who calls, by the API key or access token of the Authorization header (RFC 6750, section 2.1). The same
 * look at the database counts the request.
 *
 * @param scopes what the operation needs, or undefined for a public one, which asks nobody who he is.
 * @throws IhfError unauthenticated if there is no such credential, or unavailable if nobody can tell.
 */
export async function identifyCaller(
  gate: Authenticator,
  scopes: readonly string[] | undefined,
  authorization: string | undefined,
): Promise<Admission | undefined> {
  if (scopes === undefined) return undefined;
  if (authorization === undefined) {
    const remedy = 'Send an API key or an access token: Authorization: Bearer ihf_live_…';
    throw new IhfError('unauthenticated', `This operation needs a caller. ${remedy}`, {
      headers: { 'WWW-Authenticate': REALM },
    });
  }
  const [, credential = ''] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
  const kind = credentialKind(credential);
  // A mistyped key is known by its checksum: it costs no query.
  if (kind !== 'key' && kind !== 'token')
    throw invalidToken('The Authorization header holds no well-formed key or token.');
  const admission = await gate.admit({ kind, hash: hashCredential(credential) });
  if (!admission) throw invalidToken(`There is no such ${kind}.`);
  return admission;
}

/** @throws IhfError unauthenticated if the caller's credential is no good any more. */
export function rejectInactiveCredential({ identity: { credential, invalid_reason: reason } }: Admission): void {
  if (reason === 'disabled') throw invalidToken('The consumer is disabled.');
  if (reason) throw invalidToken(`The ${credential} is ${reason}.`);
}

/** @throws IhfError insufficient_scope (RFC 6750, section 3.1) unless every scope that the operation needs is in force. */
export function requireScopes({ identity }: Admission, scopes: readonly string[] = []): void {
  for (const scope of scopes) {
    const reason = scopeDenialReason(identity, scope);
    if (reason) throw insufficient(scope, reason);
  }
}

function invalidToken(detail: string): IhfError {
  const challenge = `${REALM}, error="invalid_token", error_description="${detail}"`;
  return new IhfError('unauthenticated', detail, { headers: { 'WWW-Authenticate': challenge } });
}

function insufficient(scope: string, reason: string): IhfError {
  const challenge = `${REALM}, error="insufficient_scope", scope="${scope}"`;
  return new IhfError('insufficient_scope', `required scope: ${scope}, but ${reason}.`, {
    headers: { 'WWW-Authenticate': challenge },
  });
}
