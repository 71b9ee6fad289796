import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { contextOf } from './request-context.ts';

/** What can be repeated in a header and a log line without harm. */
const ACCEPTED = /^[\w.:/+=@-]{1,128}$/;

/** The first step. Every response, to whatever request, names the request and the contract revision that served it. */
export function requestId(revision: () => number) {
  return (request: IncomingMessage, response: ServerResponse, next: () => void): void => {
    const id = requestIdOf(request.headers['x-request-id']);
    contextOf(response).requestId = id;
    response.setHeader('X-Request-Id', id);
    response.setHeader('IHF-Contract-Revision', revision());
    // Node omits the body of a response to HEAD by itself (RFC 9110, section 9.3.2).
    if (request.method === 'HEAD') request.method = 'GET';
    next();
  };
}

/** The request id: the client's own if it is acceptable, else a new one. */
export function requestIdOf(sent: string | string[] | undefined): string {
  return typeof sent === 'string' && ACCEPTED.test(sent) ? sent : randomUUID();
}
