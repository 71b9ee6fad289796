import { credentialKind } from '../store/access/credentials.ts';
import {
  countClientFailures,
  findOAuthClient,
  type OAuthClient,
  recordClientFailure,
} from '../store/access/oauth-clients.ts';
import type { Db } from '../store/database/database.ts';
import { type Form, OAuthError, type OAuthRequest } from './protocol.ts';

/** Failures in a minute, after which a client at an address, or an address as a whole, has to wait. */
const CLIENT_LIMIT = 10;
const ADDRESS_LIMIT = 100;
const WAIT_SECONDS = 60;

/**
 * The client that calls, by HTTP Basic or by the body (RFC 6749, section 2.3.1), never by both.
 * @throws OAuthError invalid_client, invalid_request, or 429 after too many failures.
 */
export async function authenticateClient(db: Db, request: OAuthRequest, form: Form): Promise<OAuthClient> {
  const { id, secret } = credentialsOf(request.authorization, form);
  const failures = await countClientFailures(db, id, request.address);
  if (failures.of_client >= CLIENT_LIMIT || failures.of_ip_address >= ADDRESS_LIMIT) {
    const wait = { 'Retry-After': String(WAIT_SECONDS) };
    throw new OAuthError('temporarily_unavailable', 'Too many failed attempts. Wait a minute', 429, wait);
  }
  const client = credentialKind(secret) === 'secret' ? await findOAuthClient(db, id, secret) : undefined;
  if (client) return client;
  await recordClientFailure(db, id, request.address);
  throw unknownClient('The client id and secret are not known together');
}

function credentialsOf(authorization: string | undefined, form: Form): { id: string; secret: string } {
  const inBody = form.has('client_secret');
  if (authorization === undefined) {
    const [id, secret] = [form.get('client_id'), form.get('client_secret')];
    if (id === undefined || secret === undefined) throw unknownClient('The client must authenticate');
    return { id, secret };
  }
  if (inBody) throw new OAuthError('invalid_request', 'The client authenticates by header and by body: choose one');
  const basic = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(authorization)?.[1];
  const [, id, secret] = /^([^:]*):(.*)$/s.exec(Buffer.from(basic ?? '', 'base64').toString()) ?? [];
  if (id === undefined || secret === undefined) throw unknownClient('The Authorization header is not HTTP Basic');
  const credentials = { id: formDecode(id), secret: formDecode(secret) };
  if (form.has('client_id') && form.get('client_id') !== credentials.id) {
    throw new OAuthError('invalid_request', 'The header and the body name different clients');
  }
  return credentials;
}

/** Both halves are form-encoded before they are joined (RFC 6749, section 2.3.1). */
function formDecode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw unknownClient('The Authorization header is not form-encoded');
  }
}

function unknownClient(description: string): OAuthError {
  return new OAuthError('invalid_client', description, 401, { 'WWW-Authenticate': 'Basic realm="ihf"' });
}
