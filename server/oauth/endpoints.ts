import { issueToken, TOKEN_LIFETIME, TOKENS_PER_MINUTE } from '../access/access-tokens.ts';
import { credentialKind, hashCredential } from '../credentials.ts';
import { findTokenTimes, revokeToken } from '../store/access/access-tokens.ts';
import { listScopes } from '../store/access/consumers.ts';
import { findIdentity, scopeDenialReason } from '../store/access/identities.ts';
import type { OAuthClient } from '../store/access/oauth-clients.ts';
import type { Db } from '../store/database/database.ts';
import { type Form, OAuthError, printable } from './protocol.ts';

type Body = Record<string, unknown>;

/** The client credentials grant (RFC 6749, section 4.4). */
export async function token(db: Db, client: OAuthClient, form: Form): Promise<Body> {
  const grant = form.get('grant_type');
  if (grant === undefined) throw new OAuthError('invalid_request', 'grant_type is required');
  if (grant !== 'client_credentials') {
    throw new OAuthError('unsupported_grant_type', 'grant_type must be client_credentials');
  }
  const scopes = scopesFor(client, form.get('scope'));
  const accessToken = await issueToken(db, client, scopes);
  if (accessToken === undefined) {
    const detail = `At most ${TOKENS_PER_MINUTE} tokens per minute are issued. Use each for its ${TOKEN_LIFETIME} s`;
    throw new OAuthError('temporarily_unavailable', detail, 429, { 'Retry-After': '60' });
  }
  return { access_token: accessToken, token_type: 'Bearer', expires_in: TOKEN_LIFETIME, scope: scopes.join(' ') };
}

/** The requested scopes, by default all scopes of the client that are in force. A token gets no other scopes. */
function scopesFor(client: OAuthClient, requested: string | undefined): string[] {
  if (client.granted.length === 0) throw new OAuthError('unauthorized_client', 'The client has no scopes');
  const denialReason = (scope: string) => scopeDenialReason(client, scope);
  if (requested === undefined) return client.granted.filter((scope) => !denialReason(scope)).sort();
  const scopes = [...new Set(requested.split(' ').filter(Boolean))].sort();
  for (const scope of scopes) {
    const reason = denialReason(scope);
    if (reason) throw new OAuthError('invalid_scope', `${printable(scope)}: ${reason}`);
  }
  return scopes;
}

/** Token revocation (RFC 7009). An unknown token, or a token of another client, is not an error. */
export async function revoke(db: Db, client: OAuthClient, form: Form): Promise<undefined> {
  const text = form.get('token');
  if (text === undefined) throw new OAuthError('invalid_request', 'token is required');
  if (credentialKind(text) === 'token') await revokeToken(db, client.hub_id, client.consumer_id, hashCredential(text));
  return undefined;
}

/** Token introspection (RFC 7662). `scope` holds the scopes that are in force now. */
export async function introspect(db: Db, client: OAuthClient, form: Form): Promise<Body> {
  const text = form.get('token');
  if (text === undefined) throw new OAuthError('invalid_request', 'token is required');
  if (credentialKind(text) !== 'token') return { active: false };
  const hash = hashCredential(text);
  const identity = await findIdentity(db, { kind: 'token', hash });
  if (!identity || identity.invalid_reason || identity.hub_id !== client.hub_id) return { active: false };
  const times = await findTokenTimes(db, identity.hub_id, hash);
  if (!times) return { active: false };
  return {
    active: true,
    scope: identity.granted
      .filter((scope) => !scopeDenialReason(identity, scope))
      .sort()
      .join(' '),
    client_id: identity.consumer_id,
    sub: identity.consumer_id,
    token_type: 'Bearer',
    iat: seconds(times.issued_at),
    exp: seconds(times.expires_at),
  };
}

const seconds = (time: string): number => Math.floor(Date.parse(time) / 1000);

/** Authorization server metadata (RFC 8414). */
export async function metadata(db: Db, issuer: string): Promise<Body> {
  const methods = ['client_secret_basic', 'client_secret_post'];
  return {
    issuer,
    token_endpoint: `${issuer}/api/v2/token`,
    token_endpoint_auth_methods_supported: methods,
    grant_types_supported: ['client_credentials'],
    response_types_supported: [],
    scopes_supported: (await listScopes(db)).map(({ name }) => name),
    revocation_endpoint: `${issuer}/api/v2/token/revoke`,
    revocation_endpoint_auth_methods_supported: methods,
    introspection_endpoint: `${issuer}/api/v2/token/introspect`,
    introspection_endpoint_auth_methods_supported: methods,
    service_documentation: `${issuer}/api/v2/docs/`,
  };
}
