import { randomUUID } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { containsCredential } from '../credentials.ts';
import { sendProblem } from './problem-response.ts';
import { contextOf } from './request-context.ts';
import { type SourceOptions, sourceOf } from './request-source.ts';

export interface ReceiveOptions extends SourceOptions {
  revision(): number;
}

/** What can be repeated in a header and a log line without harm. */
const ACCEPTED = /^[\w.:/+=@-]{1,128}$/;
/** One year, in seconds. */
const HSTS_MAX_AGE_S = 31_536_000;

/**
 * Wraps the app as the first step of every request, also of one that an overloaded node rejects: finds out where the
 * request came from, and sets the headers that every response has.
 */
export function receive(options: ReceiveOptions, app: RequestListener): RequestListener {
  return (request, response) => {
    const context = contextOf(response);
    context.requestId = requestIdOf(request.headers['x-request-id']);
    response.setHeader('X-Request-Id', context.requestId);
    response.setHeader('IHF-Contract-Revision', options.revision());
    response.setHeader('X-Content-Type-Options', 'nosniff');
    // Node omits the body of a response to HEAD by itself (RFC 9110, section 9.3.2).
    if (request.method === 'HEAD') request.method = 'GET';
    request.url = originForm(request.url ?? '/');
    try {
      context.source = sourceOf(request, options);
    } catch (error) {
      sendProblem(request, response, error);
      return;
    }
    // Browsers ignore it over http (RFC 6797, section 8.1).
    if (context.source.publicUrl.startsWith('https:')) {
      response.setHeader('Strict-Transport-Security', `max-age=${HSTS_MAX_AGE_S}`);
    }
    app(request, response);
  };
}

/**
 * The path and query of a request target. A client of a proxy sends the absolute form, which every server must accept (RFC
 * 9112, section 3.2.2).
 */
function originForm(target: string): string {
  const [absolute, path = ''] = /^https?:\/\/[^/?#]*(.*)$/is.exec(target) ?? [];
  if (absolute === undefined) return target;
  return path.startsWith('/') ? path : `/${path}`;
}

/** The request id: the client's own if it is acceptable, else a new one. A credential must not reach the logs. */
function requestIdOf(sent: string | string[] | undefined): string {
  return typeof sent === 'string' && ACCEPTED.test(sent) && !containsCredential(sent) ? sent : randomUUID();
}
