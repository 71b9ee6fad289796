import express, { type Request, type RequestHandler } from 'express';
import type { IhfError } from '../errors.ts';
import { bodyError, contentTooLarge } from './body-errors.ts';
import { checkJsonLimits } from './parse-body/json-limits.ts';
import { normalizeMediaType } from './parse-body/media-type.ts';
import { requiredContext } from './request-context.ts';

/** Parses a JSON body, up to the size that the contract allows for the operation. */
export function parseBody(): RequestHandler {
  const parsers = new Map<number, RequestHandler>();
  const parserFor = (limit: number): RequestHandler => {
    const parser =
      parsers.get(limit) ?? express.json({ limit, strict: false, verify: (_, __, bytes) => checkJsonLimits(bytes) });
    parsers.set(limit, parser);
    return parser;
  };
  return (request, response, next) => {
    const limit = requiredContext(response, 'route').operation.maxBodyBytes;
    let isDone = false;
    const finish = (error?: unknown) => {
      if (isDone) return;
      isDone = true;
      next(error && bodyError(error));
    };
    try {
      normalizeMediaType(request.headers);
      rejectLargeBody(request, limit, finish);
    } catch (error) {
      return finish(error);
    }
    parserFor(limit)(request, response, finish);
  };
}

/** Rejects a body as soon as it is known to be too large; the parser would first read all of it. */
function rejectLargeBody(request: Request, limit: number, reject: (error: IhfError) => void): void {
  if (Number(request.headers['content-length']) > limit) throw contentTooLarge(limit);
  if (request.headers['transfer-encoding'] === undefined) return;
  let bytes = 0;
  request.on('data', function count(chunk: Buffer) {
    bytes += chunk.length;
    if (bytes <= limit) return;
    request.off('data', count);
    reject(contentTooLarge(limit));
  });
}
