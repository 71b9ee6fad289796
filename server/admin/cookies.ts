import { createHash } from 'node:crypto';

/**
 * The browser's half of a session, or, before anybody has signed in, of a visit. SameSite=Lax: a link in a chat opens
 * the page it names, as it should, and no request from elsewhere can change anything, since changes are POSTs, which
 * carry no Lax cookie across sites, and are held to their origin and their token besides.
 */
const LASTING = 'Path=/; HttpOnly; SameSite=Lax';

/** `__Host-` keeps siblings of the host from setting it, but needs https; a hub on loopback has none. */
function nameOf(isHttps: boolean): string {
  return isHttps ? '__Host-ihf-operator' : 'ihf-operator';
}

export function readCookie(header: string | undefined, isHttps: boolean): string | undefined {
  const name = nameOf(isHttps);
  for (const pair of header?.split(';') ?? []) {
    const [key, value] = pair.trim().split('=', 2);
    if (key === name && value && /^[\w-]{43}$/.test(value)) return value;
  }
  return undefined;
}

/** A `Set-Cookie` that lives as long as the browser's window: the server says when the session ends. */
export function writeCookie(token: string, isHttps: boolean): string {
  return `${nameOf(isHttps)}=${token}; ${LASTING}${isHttps ? '; Secure' : ''}`;
}

export function clearCookie(isHttps: boolean): string {
  return `${nameOf(isHttps)}=; ${LASTING}; Max-Age=0${isHttps ? '; Secure' : ''}`;
}

/** What every form of a visit sends back. It follows from the cookie, which no other site can read, and is not it. */
export function formToken(cookie: string): string {
  return createHash('sha256').update(`form of ${cookie}`).digest('base64url');
}
