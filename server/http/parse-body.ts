import express, { type Request, type RequestHandler } from 'express';
import { IhfError } from '../errors.ts';
import { normalizeMediaType } from './parse-body/media-type.ts';

/** Maximum size of a body in bytes. A batch of 1,000 events with a few properties each has about 600,000. */
export const BODY_LIMIT = 4 * 1024 * 1024;

/** Parses a JSON body. */
export function parseBody(): RequestHandler {
  const parse = express.json({ limit: BODY_LIMIT, strict: false });
  return (request, response, next) => {
    let isDone = false;
    const finish = (error?: unknown) => {
      if (isDone) return;
      isDone = true;
      next(error && toIhfError(error));
    };
    try {
      normalizeMediaType(request.headers);
      rejectLargeBody(request, finish);
    } catch (error) {
      return finish(error);
    }
    parse(request, response, finish);
  };
}

/** Rejects a body as soon as it is known to be too large; the parser would first read all of it. */
function rejectLargeBody(request: Request, reject: (error: IhfError) => void): void {
  if (Number(request.headers['content-length']) > BODY_LIMIT) throw tooLarge();
  if (request.headers['transfer-encoding'] === undefined) return;
  let bytes = 0;
  request.on('data', function count(chunk: Buffer) {
    bytes += chunk.length;
    if (bytes <= BODY_LIMIT) return;
    request.off('data', count);
    reject(tooLarge());
  });
}

function tooLarge(): IhfError {
  const remedy = 'Send less per request, for example smaller batches.';
  return new IhfError('content_too_large', `The request body exceeds ${BODY_LIMIT} bytes. ${remedy}`);
}

/** An error of Express's body parser, by its `type`. */
function toIhfError(error: unknown): unknown {
  const { type, message, status, encoding } = error as Error & { type?: string; status?: number; encoding?: string };
  switch (type) {
    case 'entity.parse.failed':
      return new IhfError('malformed_request', `The request body must be valid JSON: ${message}.`);
    case 'entity.too.large':
      // A compressed body can be larger than the bytes that were sent.
      return tooLarge();
    case 'encoding.unsupported': {
      const remedy = 'Use gzip, deflate or br, or send the body uncompressed.';
      return new IhfError('unsupported_media_type', `Content-Encoding '${encoding}' is not supported. ${remedy}`);
    }
    default:
      if (status === undefined || status >= 500) return error;
      return new IhfError('malformed_request', `The request body cannot be read: ${message}.`);
  }
}
