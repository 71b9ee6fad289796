import type { Request, Response } from 'express';
import { ENCODINGS, type Encoding, encode, isWorthEncoding } from './content-encoding.ts';
import { sendBytes } from './response.ts';

/** Bytes that exist before the request, such as a document or an SDK. */
export interface File {
  content: Uint8Array;
  /** Identifies the content. */
  digest: string;
  mediaType: string;
}

/** Compressors of other versions may give other bytes, and then the strong ETag must differ (RFC 9110, section 8.8.1). */
const VERSIONS: Record<Encoding, string | undefined> = {
  br: process.versions.brotli,
  gzip: process.versions.zlib,
};

/** Media types that are compressed already, or of which the file name says so. */
const COMPRESSED = /^(?:application\/(?:gzip|zip)|image\/(?!svg))/;

/** Sends a file in the best encoding that the client accepts, or 304 if the client has it (RFC 9110, section 13.1.2). */
export async function sendFile(
  request: Request,
  response: Response,
  { content, digest, mediaType }: File,
): Promise<void> {
  const encoding = isCompressible(content, mediaType) ? negotiate(request, response) : undefined;
  const tag = tagOf(digest, encoding);
  const known = knownTag(request.headers['if-none-match'], digest);
  response.setHeader('ETag', known === '*' ? tag : (known ?? tag));
  if (known) {
    response.status(304).end();
    return;
  }
  if (encoding) response.setHeader('Content-Encoding', encoding);
  sendBytes(response, 200, mediaType, encoding ? await encode(content, encoding) : content);
}

function isCompressible(content: Uint8Array, mediaType: string): boolean {
  return isWorthEncoding(content) && !COMPRESSED.test(mediaType);
}

function negotiate(request: Request, response: Response): Encoding | undefined {
  response.vary('Accept-Encoding');
  return ENCODINGS.find((encoding) => request.acceptsEncodings(encoding));
}

/** Each encoding has an ETag of its own, because its bytes differ (RFC 9110, section 8.8.3.3). */
function tagOf(digest: string, encoding: Encoding | undefined): string {
  return encoding ? `"${digest}-${encoding}-${VERSIONS[encoding]}"` : `"${digest}"`;
}

/** The ETag of the client's copy, in whatever encoding it is stored, if the copy has this content. `*` is any copy. */
function knownTag(ifNoneMatch: string | undefined, digest: string): string | undefined {
  const tags = (ifNoneMatch ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.find((tag) => tag === '*' || tag === `"${digest}"` || tag.startsWith(`"${digest}-`));
}
