import { createHash } from 'node:crypto';

/**
 * The session token in the browser; before sign-in it only ties forms to the browser. SameSite=Lax lets a link in a
 * chat open its page for a signed-in operator. A cross-site POST carries no Lax cookie, and every POST is also checked
 * for its origin and its form token.
 */
const ATTRIBUTES = 'Path=/; HttpOnly; SameSite=Lax';

/** The `__Host-` prefix keeps sibling hosts from setting the cookie, but requires https, which loopback lacks. */
function cookieName(isHttps: boolean): string {
  return isHttps ? '__Host-ihf-operator' : 'ihf-operator';
}

export function readCookie(header: string | undefined, isHttps: boolean): string | undefined {
  const name = cookieName(isHttps);
  for (const pair of header?.split(';') ?? []) {
    const [key, value] = pair.trim().split('=', 2);
    if (key === name && value && /^[\w-]{43}$/.test(value)) return value;
  }
  return undefined;
}

/** A `Set-Cookie` for a browser session: the server decides when the session expires. */
export function writeCookie(token: string, isHttps: boolean): string {
  return `${cookieName(isHttps)}=${token}; ${ATTRIBUTES}${isHttps ? '; Secure' : ''}`;
}

export function clearCookie(isHttps: boolean): string {
  return `${cookieName(isHttps)}=; ${ATTRIBUTES}; Max-Age=0${isHttps ? '; Secure' : ''}`;
}

/** The token of every form. It is derived from the cookie, which other sites cannot read, without revealing it. */
export function formToken(cookie: string): string {
  return createHash('sha256').update(`form of ${cookie}`).digest('base64url');
}
