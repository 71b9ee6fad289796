import type { IncomingMessage, ServerResponse } from 'node:http';
import express, { type Request, type Response } from 'express';
import { bodyError, contentTooLarge } from './body-errors.ts';
import type { BytesInFlight } from './bytes-in-flight.ts';
import { hasBody } from './has-body.ts';
import { checkJsonLimits } from './parse-body/json-limits.ts';
import { normalizeMediaType } from './parse-body/media-type.ts';
import { contextOf, requiredContext } from './request-context.ts';
import type { Step } from './step.ts';

/** Parses a JSON body, up to the size that the contract allows for the operation and to what the node can hold. */
export function parseBody(inFlight: BytesInFlight): Step {
  const parsers = new Map<number, ReturnType<typeof express.json>>();
  const parserFor = (limit: number) => {
    const parser = parsers.get(limit) ?? express.json({ limit, strict: false, verify });
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
      const count = inFlight.count(response);
      contextOf(response).countBodyBytes = count;
      watchBody(request, limit, count, finish);
    } catch (error) {
      return finish(error);
    }
    // The parser uses nothing of Express.
    parserFor(limit)(request as Request, response as Response, finish);
  };
}

/** Runs on the bytes of a body before they are parsed. Compressed, they were counted with their size on the wire alone. */
function verify(request: IncomingMessage, response: ServerResponse, bytes: Buffer): void {
  checkJsonLimits(bytes);
  const { 'content-encoding': encoding = 'identity' } = request.headers;
  if (encoding.toLowerCase() !== 'identity') contextOf(response).countBodyBytes?.(bytes.length);
}

/** Counts a body as it arrives, and rejects it as soon as it is known to be too large: the parser would first read all. */
function watchBody(
  request: IncomingMessage,
  limit: number,
  countInFlight: (bytes: number) => void,
  reject: (error: unknown) => void,
): void {
  if (!hasBody(request.headers)) return;
  if (Number(request.headers['content-length']) > limit) throw contentTooLarge(limit);
  let received = 0;
  request.on('data', function count(chunk: Buffer) {
    received += chunk.length;
    try {
      if (received > limit) throw contentTooLarge(limit);
      countInFlight(chunk.length);
    } catch (error) {
      request.off('data', count);
      reject(error);
    }
  });
}
