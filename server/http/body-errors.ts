import { IhfError } from '../errors.ts';

/** What the body parsers of Express throw. */
interface BodyParserError extends Error {
  type?: string;
  status?: number;
  encoding?: string;
  charset?: string;
  limit?: number;
}

/**
 * The error of a body parser or of a static file as an error that names the remedy. Any other error is returned as it is.
 */
export function bodyError(error: unknown): unknown {
  if (error instanceof IhfError) return error;
  const { type, message, status, encoding, charset, limit = 0 } = error as BodyParserError;
  switch (type) {
    case 'entity.parse.failed':
      return new IhfError('malformed_request', `The request body must be valid JSON: ${message}.`);
    case 'entity.too.large':
      // A compressed body can be larger than the bytes that were sent.
      return contentTooLarge(limit);
    case 'encoding.unsupported': {
      const remedy = 'Use gzip, deflate or br, or send the body uncompressed.';
      return new IhfError('unsupported_media_type', `Content-Encoding '${encoding}' is not supported. ${remedy}`);
    }
    case 'charset.unsupported':
      return new IhfError('unsupported_media_type', `The charset '${charset}' is not supported. Send UTF-8.`);
    default:
      if (status === undefined || status >= 500) return error;
      return new IhfError('malformed_request', `The request body cannot be read: ${message}.`);
  }
}

export function contentTooLarge(limit: number): IhfError {
  const remedy = 'Send less per request, for example smaller batches.';
  return new IhfError('content_too_large', `The request body exceeds ${limit} bytes. ${remedy}`);
}
