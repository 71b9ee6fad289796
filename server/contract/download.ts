import type { Artifact } from '../store/contract/artifacts.ts';

/** Unversioned URLs can change at any moment. URLs with a revision never change (`immutable`, RFC 8246). */
export const CURRENT = 'no-cache';
export const IMMUTABLE = 'public, max-age=31536000, immutable';

export type Download =
  | { status: 200; headers: Record<string, string>; content: Buffer }
  | { status: 304; headers: Record<string, string> };

/**
 * The response to a download, or 304 if the client has the current copy (RFC 9110, section 13.1.2).
 * @param ifNoneMatch the `If-None-Match` header of the request.
 */
export function download(
  { digest, content }: Artifact,
  ifNoneMatch: string | undefined,
  cacheControl: string,
): Download {
  const etag = `"${digest}"`;
  const tags = (ifNoneMatch ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  const headers = { ETag: etag, 'Cache-Control': cacheControl };
  return tags.includes(etag) || tags.includes('*') ? { status: 304, headers } : { status: 200, headers, content };
}
