// Only the text between the two region lines becomes part of the rendered client.
import { IhfError } from '../errors.ts';
import type { IhfRequest } from '../hooks.ts';
import type { Call } from '../request.ts';
import { SECURITY, SECURITY_SCHEMES, type SecurityScheme } from './contract.ts';
import type { IhfClientOptions } from './options.ts';

//#region rendered
/** What authenticates a request. */
interface Credential {
  headers: Record<string, string>;
  /** Query parameters. */
  query: [string, string][];
  cookies: string[];
}

type Credentials = (call: Call, rejected?: Credential) => Promise<Credential | undefined> | undefined;

/** The request with the credential. The hooks do not see it, because they are often used for logging. */
function withCredential(request: IhfRequest, { headers, query, cookies }: Credential): IhfRequest {
  const search = String(new URLSearchParams(query));
  const { cookie: own } = request.headers;
  const cookie = [own, ...cookies].filter(Boolean).join('; ');
  return {
    ...request,
    url: search ? `${request.url}${request.url.includes('?') ? '&' : '?'}${search}` : request.url,
    headers: { ...request.headers, ...headers, ...(cookies.length > 0 && { cookie }) },
  };
}

/** A token is renewed this long before it expires, or at half its lifetime if that is shorter. */
const RENEW_BEFORE_EXPIRY_S = 60;

/** Secrets are kept in closures, not in properties, so that printing a client does not reveal them. */
function credentials(
  { credentials: given = {} }: IhfClientOptions,
  send: (call: Call) => Promise<{ access_token?: string; expires_in?: number } | null>,
): Credentials {
  const values = given as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(values)) {
    if (values[name] !== undefined && !Object.getOwnPropertyDescriptor(SECURITY_SCHEMES, name)) {
      throw new TypeError(`credentials must not have '${name}'; use ${Object.keys(SECURITY_SCHEMES).join(', ')}`);
    }
  }
  const tokens: Record<string, TokenSource> = {};
  const built = new Map<string, Credential>();
  const secretOf = (name: string, rejected: boolean): Promise<string> | string => {
    const scheme = SECURITY_SCHEMES[name] as SecurityScheme;
    const value = values[name];
    if (scheme.type !== 'oauth2' || typeof value === 'string') return secretText(name, value);
    const { clientId, clientSecret } = value as { clientId: string; clientSecret: string };
    tokens[name] ??= tokenSource(scheme, [clientId, clientSecret], send);
    return tokens[name](rejected);
  };
  return (call, rejected) => {
    const alternative = (call.security ?? SECURITY).find((names) => names.every((name) => values[name] !== undefined));
    if (!alternative || alternative.length === 0) return undefined;
    return (async () => {
      const secrets = await Promise.all(alternative.map((name) => secretOf(name, rejected !== undefined)));
      const key = JSON.stringify([alternative, secrets]);
      // The same object for the same secrets, so that the caller can tell whether they have changed.
      const found = built.get(key) ?? combined(alternative, secrets);
      built.clear();
      built.set(key, found);
      return found;
    })();
  };
}

function combined(names: readonly string[], secrets: readonly string[]): Credential {
  const result: Credential = { headers: {}, query: [], cookies: [] };
  for (const [index, name] of names.entries()) {
    const scheme = SECURITY_SCHEMES[name] as SecurityScheme;
    const secret = secrets[index] as string;
    if (scheme.type !== 'apiKey') {
      Object.assign(result.headers, { authorization: `${scheme.type === 'basic' ? 'Basic' : 'Bearer'} ${secret}` });
    } else if (scheme.in === 'header') result.headers[scheme.name.toLowerCase()] = secret;
    else if (scheme.in === 'query') result.query.push([scheme.name, secret]);
    else result.cookies.push(`${scheme.name}=${encodeURIComponent(secret)}`);
  }
  return result;
}

/** The secret of a scheme as text. Headers allow no other characters, and the error of `fetch` would quote it. */
function secretText(name: string, value: unknown): string {
  if (typeof value === 'string') {
    if (/^[ -~]+$/.test(value)) return value;
    throw new TypeError(`credentials.${name} must be printable ASCII`);
  }
  const { username, password } = value as { username: string; password: string };
  return btoa(String.fromCharCode(...new TextEncoder().encode(`${username}:${password}`)));
}

type TokenSource = (isRejected: boolean) => Promise<string>;

/** Fetches access tokens with the client credentials grant (RFC 6749, section 4.4). Calls share one token request. */
function tokenSource(
  { tokenUrl, scopes }: { tokenUrl?: string; scopes?: string },
  pair: [string, string],
  send: (call: Call) => Promise<{ access_token?: string; expires_in?: number } | null>,
): TokenSource {
  if (tokenUrl === undefined)
    throw new TypeError('the API has no token URL for client credentials; pass an access token');
  const authorization = `Basic ${btoa(pair.map(encodeURIComponent).join(':'))}`;
  const form = `grant_type=client_credentials${scopes ? `&scope=${encodeURIComponent(scopes)}` : ''}`;
  const headers = { authorization, 'content-type': 'application/x-www-form-urlencoded' };
  let current: { token: string; renewAt: number } | undefined;
  let fetching: Promise<string> | undefined;
  const renew = async (): Promise<string> => {
    const requestedAt = performance.now();
    const { access_token, expires_in = 0 } =
      (await send({ method: 'POST', path: tokenUrl, form, options: { headers } })) ?? {};
    if (typeof access_token !== 'string') throw new IhfError('The token response has no access_token');
    const lifetime = Math.max(expires_in - RENEW_BEFORE_EXPIRY_S, expires_in / 2);
    current = { token: access_token, renewAt: requestedAt + lifetime * 1000 };
    return access_token;
  };
  return async (isRejected) => {
    if (!isRejected && current && performance.now() < current.renewAt) return current.token;
    fetching ??= renew().finally(() => {
      fetching = undefined;
    });
    return fetching;
  };
}

//#endregion

export { type Credential, credentials, withCredential };
