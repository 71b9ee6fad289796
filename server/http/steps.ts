import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import express from 'express';
import type { Encoded } from '../../generated/operations.ts';
import { IhfError } from '../errors.ts';
import type { Services } from '../services.ts';
import type { Admission } from '../store/access/admissions.ts';
import { identifyCaller, rejectInactiveCredential, requireScopes } from './authenticate.ts';
import { lingeringClose } from './linger.ts';
import { normalizeMediaType } from './media-type.ts';
import { toProblem } from './problem.ts';
import { itemsOverQuota, rateLimitHeaders, rejectOverLimit } from './rate-limit-headers.ts';
import type { ApiRequest, ApiResponse } from './request.ts';
import { requestIdOf } from './request-id.ts';
import { findRoute, type Route } from './route.ts';

/** The most bytes a body may have. A batch of 1 000 events with a few properties each has about 600 000. */
export const BODY_LIMIT = 4 * 1024 * 1024;

/** Names the request and the contract revision in the answer, whatever becomes of it. */
export function requestId(revision: () => number): RequestHandler {
  return (request, response, next) => {
    const requestId = requestIdOf(request.headers['x-request-id']);
    response.locals.requestId = requestId;
    response.locals.revision = revision;
    response.setHeader('X-Request-Id', requestId);
    response.setHeader('IHF-Contract-Revision', revision());
    // Node leaves out the body of an answer to HEAD by itself (RFC 9110, section 9.3.2).
    if (request.method === 'HEAD') request.method = 'GET';
    next();
  };
}

/** Finds the operation of the request in the contract. */
export function findOperation(): RequestHandler {
  return (request, response, next) => {
    response.locals.route = findRoute(request.method, request.path);
    next();
  };
}

/** Finds out who calls. */
export function authenticate(hub: Pick<Services, 'authenticator' | 'keyUsage'>): RequestHandler {
  return async (request, response, next) => {
    const { operation } = response.locals.route as Route;
    const caller = await identifyCaller(hub.authenticator, operation.scopes, request.headers.authorization);
    // Known before it is refused: the log names a caller whose key is revoked.
    response.locals.caller = caller;
    if (caller) rejectInactiveCredential(caller);
    if (caller?.identity.credential === 'key') {
      hub.keyUsage.note(caller.identity, request.headers['ihf-sdk'] as string | undefined);
    }
    next();
  };
}

/** Refuses a caller whose limits are used up, and tells every other what is left of them. */
export function rateLimit(): RequestHandler {
  return (_request, response, next) => {
    const caller = response.locals.caller as Admission | undefined;
    if (caller?.usage) addHeaders(response, rateLimitHeaders(caller.usage));
    if (caller) rejectOverLimit(caller);
    next();
  };
}

/** Lets the caller do only what it may. */
export function authorize(): RequestHandler {
  return (_request, response, next) => {
    const { caller, route } = response.locals as { caller: Admission | undefined; route: Route };
    if (caller) requireScopes(caller, route.operation.scopes);
    next();
  };
}

/** Counts the items of a batch against the daily quota. The request itself was counted as one of them. */
export function dailyQuota({ authenticator: gate }: Pick<Services, 'authenticator'>): RequestHandler {
  return async (_request, response, next) => {
    const { operation, caller, body } = response.locals.exchange as ApiRequest;
    const items = operation.perItem ? (body as Record<string, unknown[]>)[operation.perItem]?.length : 1;
    if (caller?.usage && items && items > 1) {
      const fits = await gate.admitItems(caller.identity, caller.usage, items - 1);
      if (!fits) throw itemsOverQuota(caller.usage, items);
    }
    next();
  };
}

/** Reads a JSON body. */
export function parseBody(): RequestHandler {
  const parse = express.json({ limit: BODY_LIMIT, strict: false });
  return (request, response, next) => {
    let told = false;
    const go = (error?: unknown) => {
      if (told) return;
      told = true;
      next(error && translate(error));
    };
    try {
      normalizeMediaType(request.headers);
      refuseBeyond(BODY_LIMIT, request, go);
    } catch (error) {
      return go(error);
    }
    parse(request, response, go);
  };
}

/** Tells of a body that is too large as soon as it is known: the parser would read all of it first. */
function refuseBeyond(limit: number, request: Request, refuse: (error: IhfError) => void): void {
  if (Number(request.headers['content-length']) > limit) throw tooLarge();
  if (request.headers['transfer-encoding'] === undefined) return;
  let bytes = 0;
  request.on('data', function count(chunk: Buffer) {
    bytes += chunk.length;
    if (bytes <= limit) return;
    request.off('data', count);
    refuse(tooLarge());
  });
}

/** Binds the last step: what handles an exchange, and answers. */
export function sendResponse(handle: (exchange: ApiRequest) => Promise<ApiResponse>): RequestHandler {
  return async (_request, response, next) => {
    try {
      send(response, await handle(response.locals.exchange as ApiRequest));
    } catch (error) {
      next(error);
    }
  };
}

/** Answers every error with a problem document. */
export function errorHandler(report: (error: unknown, requestId: string) => void): ErrorRequestHandler {
  return (error, request, response, next) => {
    if (response.headersSent) return next(error);
    const requestId: string = response.locals.requestId;
    const problem = toProblem(error, requestId);
    response.locals.problem = problem;
    if (problem.status === 500) report(error, requestId);
    lingeringClose(request, response);
    const headers = error instanceof IhfError ? error.headers : {};
    setHeaders(response, headers);
    // Written past `response.json`, which the validator watches: an answer that breaks the contract ends here too.
    sendBytes(response, problem.status, 'application/problem+json', Buffer.from(JSON.stringify(problem)));
  };
}

function send(response: Response, { status, headers = {}, body }: ApiResponse): void {
  setHeaders(response, headers);
  if (body === undefined) {
    response.status(status).end();
  } else if (isEncoded(body)) {
    sendBytes(response, status, body.mediaType, body.encoded);
  } else {
    response.status(status).json(body);
  }
}

function setHeaders(response: Response, headers: Record<string, string>): void {
  // The node may have caught up since the request came in.
  response.setHeader('IHF-Contract-Revision', response.locals.revision());
  addHeaders(response, headers);
}

/** As `response.set` does, without what that does to each value. */
function addHeaders(response: Response, headers: Record<string, string>): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
}

function sendBytes(response: Response, status: number, mediaType: string, bytes: Uint8Array): void {
  response.statusCode = status;
  response.setHeader('Content-Type', mediaType);
  response.setHeader('Content-Length', bytes.length);
  response.end(bytes);
}

function isEncoded(body: unknown): body is Encoded {
  return typeof body === 'object' && body !== null && 'encoded' in body && 'mediaType' in body;
}

function tooLarge(): IhfError {
  const remedy = 'Send less at a time, events in smaller batches for example.';
  return new IhfError('content_too_large', `A body may have ${BODY_LIMIT} bytes. ${remedy}`);
}

/** The body parser's errors in the domain's words. */
function translate(error: unknown): unknown {
  const { type, message, status } = error as { type?: string; message: string; status?: number };
  switch (type) {
    case 'entity.parse.failed':
      return new IhfError('malformed_request', `The body is not JSON: ${message}.`);
    case 'entity.too.large':
      // Inflated, a body may have more bytes than were sent.
      return tooLarge();
    case 'encoding.unsupported':
      return new IhfError(
        'unsupported_media_type',
        `${message}. Send the body unencoded, or with gzip, deflate or br.`,
      );
    default:
      return status !== undefined && status < 500 ? new IhfError('malformed_request', `${message}.`) : error;
  }
}
