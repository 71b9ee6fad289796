import { HubError } from '../errors.ts';
import type { AdmissionGate } from '../store/admission-gate.ts';
import type { Admission } from '../store/admissions.ts';
import { hashOf, kindOf } from '../store/credentials.ts';
import { whyNot } from '../store/identities.ts';

const REALM = 'Bearer realm="ihf"';

/**
 * Finds out who calls, by the API key or access token of the Authorization header (RFC 6750, section 2.1). The same
 * look at the database counts the request.
 *
 * @param scopes what the operation needs, or undefined for a public one, which asks nobody who he is.
 * @throws HubError unauthenticated if there is no such credential, or unavailable if nobody can tell.
 */
export async function identify(
  gate: AdmissionGate,
  scopes: readonly string[] | undefined,
  authorization: string | undefined,
): Promise<Admission | undefined> {
  if (scopes === undefined) return undefined;
  if (authorization === undefined) {
    const remedy = 'Send an API key or an access token: Authorization: Bearer ihf_live_…';
    throw new HubError('unauthenticated', `This operation needs a caller. ${remedy}`, {
      headers: { 'WWW-Authenticate': REALM },
    });
  }
  const [, credential = ''] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
  const kind = kindOf(credential);
  // A mistyped key is known by its checksum: it costs no query.
  if (kind !== 'key' && kind !== 'token')
    throw invalidToken('The Authorization header holds no well-formed key or token.');
  const admission = await gate.enter({ kind, hash: hashOf(credential) });
  if (!admission) throw invalidToken(`There is no such ${kind}.`);
  return admission;
}

/** @throws HubError unauthenticated if the caller's credential is no good any more. */
export function refuseEnded({ identity: { credential, refused } }: Admission): void {
  if (refused === 'disabled') throw invalidToken('The consumer is disabled.');
  if (refused) throw invalidToken(`The ${credential} is ${refused}.`);
}

/** @throws HubError insufficient_scope (RFC 6750, section 3.1) unless every scope that the operation needs is in force. */
export function authorise({ identity }: Admission, scopes: readonly string[] = []): void {
  for (const scope of scopes) {
    const reason = whyNot(identity, scope);
    if (reason) throw insufficient(scope, reason);
  }
}

function invalidToken(detail: string): HubError {
  const challenge = `${REALM}, error="invalid_token", error_description="${detail}"`;
  return new HubError('unauthenticated', detail, { headers: { 'WWW-Authenticate': challenge } });
}

function insufficient(scope: string, reason: string): HubError {
  const challenge = `${REALM}, error="insufficient_scope", scope="${scope}"`;
  return new HubError('insufficient_scope', `required scope: ${scope}, but ${reason}.`, {
    headers: { 'WWW-Authenticate': challenge },
  });
}
