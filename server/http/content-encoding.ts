import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const brotli = promisify(brotliCompress);
const gzipped = promisify(gzip);

/** In the order of preference. */
export const ENCODINGS = ['br', 'gzip'] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** Below this size, headers outweigh what compression saves. */
const MIN_BYTES = 1024;
/** Half a second less CPU time than the best quality for openapi.json, for 13 % more bytes. */
const BROTLI_QUALITY = 6;

const encoded = new WeakMap<Uint8Array, Map<Encoding, Promise<Buffer>>>();

/**
 * Text in a content encoding (RFC 9110, section 8.4). It is compressed once, outside the event loop, and kept for as long as
 * the buffer of the text.
 */
export function encode(text: Uint8Array, encoding: Encoding): Promise<Buffer> {
  const found = encoded.get(text) ?? new Map<Encoding, Promise<Buffer>>();
  encoded.set(text, found);
  const bytes = found.get(encoding) ?? compress(text, encoding);
  found.set(encoding, bytes);
  return bytes;
}

export function isWorthEncoding(text: Uint8Array): boolean {
  return text.length >= MIN_BYTES;
}

function compress(text: Uint8Array, encoding: Encoding): Promise<Buffer> {
  if (encoding === 'gzip') return gzipped(text);
  const params = {
    [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
    [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: text.length,
  };
  return brotli(text, { params });
}
