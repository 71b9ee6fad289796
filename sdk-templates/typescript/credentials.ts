// Only what stands between the two region lines is put into the rendered client.
import { IhfError } from './errors.ts';
import type { IhfClientOptions } from './options.ts';
import type { Call } from './request.ts';

//#region rendered
/** The hub's answer to a token request (RFC 6749, section 5.1). */
interface TokenAnswer {
  access_token?: string;
  expires_in?: number;
}

/** What it answers. */
function tokenRequest(authorization: string): Call {
  const headers = { authorization, 'content-type': 'application/x-www-form-urlencoded' };
  const form = 'grant_type=client_credentials';
  return { method: 'POST', path: '/api/v2/token', form, options: { headers } };
}

/**
 * The Authorization header; undefined where there is nothing to prove. It is another than the one that was refused, if
 * there can be another.
 */
type Credentials = (refused?: string) => Promise<string> | string | undefined;

/** A token is renewed so long before its end, or at half its life if it is shorter. */
const RENEWED_EARLY_S = 60;

/** Nothing that it holds is anybody's property, so that printing a client prints no secret. */
function credentials(
  { apiKey, clientId, clientSecret }: IhfClientOptions,
  fetchToken: (authorization: string) => Promise<TokenAnswer | null>,
): Credentials {
  if (apiKey !== undefined && (clientId ?? clientSecret) !== undefined) {
    throw new TypeError('give either apiKey or clientId and clientSecret, not both');
  }
  if ((clientId === undefined) !== (clientSecret === undefined)) {
    throw new TypeError('clientId and clientSecret go together');
  }
  if (clientId === undefined || clientSecret === undefined) {
    const own = apiKey === undefined ? undefined : `Bearer ${printable('apiKey', apiKey)}`;
    return () => own;
  }
  const pair = [printable('clientId', clientId), printable('clientSecret', clientSecret)];
  const basic = `Basic ${btoa(pair.map(encodeURIComponent).join(':'))}`;
  let held: string | undefined;
  let renewAt = 0;
  /** One for all calls: whoever comes while a token is fetched waits for that one. */
  let fetching: Promise<string> | undefined;
  const renew = async (): Promise<string> => {
    const asked = performance.now();
    const { access_token, expires_in = 0 } = (await fetchToken(basic)) ?? {};
    if (typeof access_token !== 'string') throw new IhfError('The hub answered without an access token');
    renewAt = asked + Math.max(expires_in - RENEWED_EARLY_S, expires_in / 2) * 1000;
    held = `Bearer ${access_token}`;
    return held;
  };
  return (refused) => {
    // Of many calls that were refused together, the first drops the token; it is not for the others to drop the next.
    if (refused === held) renewAt = 0;
    if (performance.now() < renewAt) return held;
    fetching ??= renew().finally(() => {
      fetching = undefined;
    });
    return fetching;
  };
}

/** A header takes no other characters, and what complains of one would quote it. */
function printable(name: string, secret: string): string {
  if (!/^[!-~]+$/.test(secret)) throw new TypeError(`${name} must be printable ASCII without spaces`);
  return secret;
}

//#endregion

export { credentials, tokenRequest };
