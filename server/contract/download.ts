import type { Artifact } from '../store/contract/artifacts.ts';

/** What is current may change at any moment; what has a revision in its address never does (RFC 8246). */
export const CURRENT = 'no-cache';
export const IMMUTABLE = 'public, max-age=31536000, immutable';

export type Download =
  | { status: 200; headers: Record<string, string>; content: Buffer }
  | { status: 304; headers: Record<string, string> };

/**
 * The answer to whoever wants an artifact, or 304 if he has it (RFC 9110, section 13.1.2).
 * @param have The `If-None-Match` header.
 */
export function download({ digest, content }: Artifact, have: string | undefined, cacheControl: string): Download {
  const etag = `"${digest}"`;
  const known = (have ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  const headers = { ETag: etag, 'Cache-Control': cacheControl };
  return known.includes(etag) || known.includes('*') ? { status: 304, headers } : { status: 200, headers, content };
}
