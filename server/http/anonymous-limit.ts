import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { IhfError } from '../errors.ts';
import { sendProblem } from './problem-response.ts';
import { contextOf, requiredContext } from './request-context.ts';

/** Enough for a team behind one IP address that downloads SDKs and reads the documentation. */
export const DEFAULT_ANONYMOUS_PER_MINUTE = 600;

/** Anonymous requests of all IP addresses beyond this many per limit are counted, but not written to the request log. */
const LOGGED_LIMITS = 10;
/** An OAuth 2.0 client may authenticate in the body (RFC 6749, section 2.3.1). */
const FORM = 'application/x-www-form-urlencoded';

/** Pages for operators without a session. Their cookie ties a form to a browser and proves nothing. */
const SIGN_IN = /^\/admin\/(?:sign-in|join|assets)\b/;

const WINDOW_MS = 60_000;

/** Probes and scrapes are frequent, cheap and needed most under a flood. */
const EXEMPT = new Set(['/healthz', '/readyz', '/metrics']);

/**
 * Limits the requests per minute of an IP address (an IPv6 /64 network) that are not authenticated. A request with a
 * credential is never rejected here: others at the same IP address cannot lock its caller out. It is counted if the
 * credential is wrong.
 */
export class AnonymousLimit {
  readonly #perMinute: number;
  readonly #needsCredential: (method: string, path: string) => boolean;
  #requests = new Map<string, number>();
  #total = 0;
  #windowEnds = 0;

  /** @param needsCredential whether a request is authenticated by its Authorization header. */
  constructor(perMinute: number, needsCredential: (method: string, path: string) => boolean) {
    this.#perMinute = perMinute;
    this.#needsCredential = needsCredential;
  }

  wrap(app: RequestListener): RequestListener {
    return (request, response) => {
      const context = contextOf(response);
      const [path = ''] = (request.url ?? '').split('?', 1);
      context.isExempt = EXEMPT.has(path);
      if (context.isExempt) return app(request, response);
      const { network } = requiredContext(response, 'source');
      if (this.#hasCredential(request, path)) {
        // The recorder has registered before, and needs the result.
        response.prependOnceListener('close', () => {
          if (!isAuthenticated(response))
            context.isUnlogged = this.#count(network) > this.#perMinute || this.#isFlood();
        });
        return app(request, response);
      }
      context.isAnonymous = request.method !== 'OPTIONS';
      const isOver = this.#count(network) > this.#perMinute;
      context.isUnlogged = isOver || this.#isFlood();
      if (isOver) sendProblem(request, response, this.#tooMany());
      else app(request, response);
    };
  }

  /** Whether the request has a credential, valid or not, that will be checked. */
  #hasCredential({ method = '', headers }: IncomingMessage, path: string): boolean {
    if (path.startsWith('/admin')) return headers.cookie !== undefined && !SIGN_IN.test(path);
    return (
      (headers.authorization !== undefined || headers['content-type']?.startsWith(FORM) === true) &&
      this.#needsCredential(method, path)
    );
  }

  #count(network: string): number {
    const now = performance.now();
    if (now >= this.#windowEnds) {
      this.#requests = new Map();
      this.#total = 0;
      this.#windowEnds = now + WINDOW_MS;
    }
    const count = (this.#requests.get(network) ?? 0) + 1;
    this.#requests.set(network, count);
    this.#total += 1;
    return count;
  }

  #isFlood(): boolean {
    return this.#total > this.#perMinute * LOGGED_LIMITS;
  }

  #tooMany(): IhfError {
    const seconds = Math.max(1, Math.ceil((this.#windowEnds - performance.now()) / 1000));
    const detail = `Your IP address is limited to ${this.#perMinute} requests per minute without a credential.`;
    return new IhfError('too_many_requests', `${detail} Retry in ${seconds} s, or send an API key or access token.`, {
      headers: { 'Retry-After': String(seconds) },
      extensions: { 'violated-policies': ['anonymous'] },
    });
  }
}

function isAuthenticated(response: ServerResponse): boolean {
  const { caller, client, operator } = contextOf(response);
  return caller !== undefined || client !== undefined || operator !== undefined;
}
