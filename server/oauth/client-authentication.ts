import { credentialKind, hashCredential } from '../credentials.ts';
import { UUID } from '../patterns.ts';
import {
  countClientFailures,
  findOAuthClient,
  type OAuthClient,
  recordClientFailure,
} from '../store/access/oauth-clients.ts';
import type { Db } from '../store/database/database.ts';
import { type Form, OAuthError, type OAuthRequest } from './protocol.ts';

/** Failed attempts per minute after which a client id at one IP address, or the IP address as a whole, is rejected. */
const CLIENT_LIMIT = 10;
const IP_LIMIT = 100;
const RETRY_AFTER_S = 60;

/**
 * Authenticates the client by HTTP Basic or by parameters of the body (RFC 6749, section 2.3.1), but not both.
 * @throws OAuthError invalid_client, invalid_request, or temporarily_unavailable (429) after too many failed attempts.
 */
export async function authenticateClient(db: Db, request: OAuthRequest, form: Form): Promise<OAuthClient> {
  const { id, secret } = credentialsOf(request.authorization, form);
  // The secret comes first: other callers that share the IP address or use the same id cannot lock the right client out.
  const client = await findClient(db, id, secret);
  if (client) return client;
  // An id in another form may be a secret in the wrong place, which must not be stored.
  const clientId = UUID.test(id) ? id.toLowerCase() : undefined;
  const failures = await countClientFailures(db, clientId, request.ip);
  if (failures.of_client >= CLIENT_LIMIT || failures.of_ip_address >= IP_LIMIT) {
    const detail = `Too many failed attempts. Retry in ${RETRY_AFTER_S} s`;
    const headers = { 'Retry-After': String(RETRY_AFTER_S) };
    throw new OAuthError('temporarily_unavailable', detail, 429, headers);
  }
  await recordClientFailure(db, clientId, request.ip);
  throw invalidClient('Unknown client id or wrong client secret');
}

/** The format of the id and the checksum of the secret reveal most wrong ones without a query. */
async function findClient(db: Db, id: string, secret: string): Promise<OAuthClient | undefined> {
  return UUID.test(id) && credentialKind(secret) === 'secret'
    ? findOAuthClient(db, id, hashCredential(secret))
    : undefined;
}

function credentialsOf(authorization: string | undefined, form: Form): { id: string; secret: string } {
  const inBody = form.has('client_secret');
  if (authorization === undefined) {
    const [id, secret] = [form.get('client_id'), form.get('client_secret')];
    if (id === undefined || secret === undefined)
      throw invalidClient('Client authentication is required. Send the client id and secret');
    return { id, secret };
  }
  if (inBody) throw new OAuthError('invalid_request', 'Authenticate by header or by body, not both');
  const basic = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(authorization)?.[1];
  const [, id, secret] = /^([^:]*):(.*)$/s.exec(Buffer.from(basic ?? '', 'base64').toString()) ?? [];
  if (id === undefined || secret === undefined) throw invalidClient('The Authorization header must be HTTP Basic');
  const credentials = { id: formDecode(id), secret: formDecode(secret) };
  if (form.has('client_id') && form.get('client_id') !== credentials.id) {
    throw new OAuthError('invalid_request', 'client_id must be the same in the Authorization header and the body');
  }
  return credentials;
}

/** Id and secret are form-encoded before they are joined (RFC 6749, section 2.3.1). */
function formDecode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw invalidClient('The client id and secret must be form-encoded in the Authorization header');
  }
}

function invalidClient(description: string): OAuthError {
  return new OAuthError('invalid_client', description, 401, { 'WWW-Authenticate': 'Basic realm="ihf"' });
}
