import { timingSafeEqual } from 'node:crypto';

/** The headers by which a browser names the page that sent a request. */
export interface RequestOrigin {
  origin: string | undefined;
  site: string | undefined;
  host: string | undefined;
}

/**
 * Whether a page of this server sent the request. The origin must be the public URL, as behind a proxy, or the host
 * that the browser called, as with a container whose port is published under another number.
 */
export function isSameOrigin({ origin, site, host }: RequestOrigin, publicUrl: string): boolean {
  if (site !== undefined && site !== 'same-origin') return false;
  if (origin === undefined || !URL.canParse(origin)) return false;
  return origin === new URL(publicUrl).origin || new URL(origin).host === host;
}

/** Compares in constant time. */
export function isSameToken(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
