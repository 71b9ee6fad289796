import { timingSafeEqual } from 'node:crypto';

export interface Sender {
  origin: string | undefined;
  site: string | undefined;
  host: string | undefined;
}

/**
 * Whether a change was sent by one of the hub's own pages, as the browser says. Behind a proxy the hub's host is the
 * public address; in a container, whose port others know under another name, it is whatever the browser called.
 */
export function isOwnPage({ origin, site, host }: Sender, publicUrl: string): boolean {
  if (site !== undefined && site !== 'same-origin') return false;
  if (origin === undefined || !URL.canParse(origin)) return false;
  return origin === new URL(publicUrl).origin || new URL(origin).host === host;
}

/** Compares without telling by its time how much was right. */
export function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
