import { HubError } from '../errors.ts';
import { hashOf, kindOf } from '../store/credentials.ts';
import { type Identity, whyNot } from '../store/identities.ts';
import type { IdentityReader } from '../store/identity-reader.ts';

const REALM = 'Bearer realm="ihf"';

/**
 * Finds out who calls, by the API key or access token of the Authorization header (RFC 6750, section 2.1), and whether
 * every scope that the operation needs is in force.
 *
 * @param scopes what the operation needs, or undefined for a public one, which asks nobody who he is.
 * @throws HubError unauthenticated, insufficient_scope (RFC 6750, section 3.1), or unavailable if nobody can tell.
 */
export async function identify(
  reader: IdentityReader,
  scopes: readonly string[] | undefined,
  authorization: string | undefined,
): Promise<Identity | undefined> {
  if (scopes === undefined) return undefined;
  const identity = await identityOf(reader, authorization);
  for (const scope of scopes) {
    const reason = whyNot(identity, scope);
    if (reason) throw insufficient(scope, reason);
  }
  return identity;
}

async function identityOf(reader: IdentityReader, authorization: string | undefined): Promise<Identity> {
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
  const identity = await reader.read({ kind, hash: hashOf(credential) });
  if (!identity) throw invalidToken(`There is no such ${kind}.`);
  if (identity.refused === 'disabled') throw invalidToken('The consumer is disabled.');
  if (identity.refused) throw invalidToken(`The ${kind} is ${identity.refused}.`);
  return identity;
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
