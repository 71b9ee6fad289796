// Only the text between the two region lines becomes part of the rendered client.
import { environment } from './environment.ts';
import { IhfError } from './errors.ts';
import type { IhfRequest } from './hooks.ts';
import type { IhfClientOptions } from './options.ts';
import type { Call } from './request.ts';

//#region rendered
/** Token request of the client credentials grant (RFC 6749, section 4.4.2). */
function tokenRequest(authorization: string): Call {
  const headers = { authorization, 'content-type': 'application/x-www-form-urlencoded' };
  const form = 'grant_type=client_credentials';
  return { method: 'POST', path: '/api/v2/token', form, options: { headers } };
}

/** Successful token response (RFC 6749, section 5.1). */
interface IssuedToken {
  access_token?: string;
  expires_in?: number;
}

/** An Authorization header. */
type Credential = string;

/**
 * Returns the Authorization header, or undefined without credentials. Pass a header that the server rejected to get a new
 * one, if the credentials allow it.
 */
type Credentials = (call: Call, rejected?: Credential) => Promise<Credential> | Credential | undefined;

/** The request with the credential. The hooks do not see it, because they are often used for logging. */
function withCredential({ headers, ...request }: IhfRequest, authorization: Credential): IhfRequest {
  return { ...request, headers: { ...headers, authorization } };
}

/** A token is renewed this long before it expires, or at half its lifetime if that is shorter. */
const RENEW_BEFORE_EXPIRY_S = 60;

/** `IHF_API_KEY`; undefined if `IHF_BASE_URL` names another server, because a key must not reach a server it is not for. */
function environmentKey(baseUrl: string): string | undefined {
  const own = environment('IHF_BASE_URL');
  return own && new URL(own).origin !== new URL(baseUrl).origin ? undefined : environment('IHF_API_KEY');
}

/** Secrets are kept in closures, not in properties, so that printing a client does not reveal them. */
function credentials(
  options: IhfClientOptions & { baseUrl: string },
  send: (call: Call) => Promise<IssuedToken | null>,
): Credentials {
  const { clientId, clientSecret } = options;
  const { apiKey = (clientId ?? clientSecret) === undefined ? environmentKey(options.baseUrl) : undefined } = options;
  if (apiKey !== undefined && (clientId ?? clientSecret) !== undefined) {
    throw new TypeError('pass either apiKey or clientId and clientSecret, not both');
  }
  if ((clientId === undefined) !== (clientSecret === undefined)) {
    throw new TypeError('pass clientId and clientSecret together');
  }
  if (clientId === undefined || clientSecret === undefined) {
    const header = apiKey === undefined ? undefined : `Bearer ${assertPrintable('apiKey', apiKey)}`;
    return () => header;
  }
  const pair = [assertPrintable('clientId', clientId), assertPrintable('clientSecret', clientSecret)];
  const basic = `Basic ${btoa(pair.map(encodeURIComponent).join(':'))}`;
  let current: string | undefined;
  let renewAt = 0;
  /** Shared by all calls: a call that needs a token during a token request waits for that request. */
  let fetching: Promise<string> | undefined;
  const renew = async (): Promise<string> => {
    const requestedAt = performance.now();
    const { access_token, expires_in = 0 } = (await send(tokenRequest(basic))) ?? {};
    if (typeof access_token !== 'string') throw new IhfError('The token response has no access_token');
    renewAt = requestedAt + Math.max(expires_in - RENEW_BEFORE_EXPIRY_S, expires_in / 2) * 1000;
    current = `Bearer ${access_token}`;
    return current;
  };
  return (_, rejected) => {
    // Concurrent calls can be rejected with the same token. Only the first discards it; the others use the new one.
    if (rejected === current) renewAt = 0;
    if (performance.now() < renewAt) return current;
    fetching ??= renew().finally(() => {
      fetching = undefined;
    });
    return fetching;
  };
}

/** Headers allow no other characters, and the error of `fetch` would quote the secret. */
function assertPrintable(name: string, secret: string): string {
  if (!/^[!-~]+$/.test(secret)) throw new TypeError(`${name} must be printable ASCII without spaces`);
  return secret;
}

//#endregion

export { type Credential, credentials, withCredential };
