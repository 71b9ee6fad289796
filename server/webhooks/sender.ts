import type { LookupFunction } from 'node:net';
import { Agent, buildConnector, request } from 'undici';
import { BlockedUrlError, type SsrfGuard } from './ssrf-guard.ts';
import { storedHeaders } from './stored-headers.ts';

/** Maximum number of bytes read from a response body. Only the status decides about success. */
export const MAX_READ_BYTES = 16 * 1024;
/** Maximum number of bytes stored with the attempt. */
const MAX_STORED_BYTES = 1024;

/** The result of one request. */
export interface SendResult {
  /** Undefined if there was no response. */
  status: number | undefined;
  /** Undefined if it succeeded. */
  error: string | undefined;
  /** The beginning of the response body. */
  response: string;
  /** Empty if no request was sent. */
  requestHeaders: Readonly<Record<string, string>>;
  /** As stored: truncated, with secrets redacted. */
  responseHeaders: Readonly<Record<string, string>>;
  retryAfter: string | undefined;
  durationMs: number;
  /** False if it failed before the request, by no fault of the endpoint. */
  isSent: boolean;
}

/** Errors of this machine: too many open files, no free port, no memory. */
const LOCAL_ERROR = /^(EMFILE|ENFILE|EADDRNOTAVAIL|ENOBUFS|ENOMEM)$/;

/** The result of an attempt that failed before its request, by no fault of the endpoint. */
export function unsent(error: string): SendResult {
  return {
    ...{ status: undefined, error, response: '', requestHeaders: {}, responseHeaders: {} },
    ...{ retryAfter: undefined, durationMs: 0, isSent: false },
  };
}

/** Sends POST requests to URLs that consumers chose. */
export class Sender {
  readonly #guard: SsrfGuard;
  readonly #timeoutMs: number;
  readonly #agent: Agent;

  /** @param timeoutMs from the DNS lookup to the last byte of the response. */
  constructor(guard: SsrfGuard, timeoutMs: number) {
    this.#guard = guard;
    this.#timeoutMs = timeoutMs;
    // The timeout of the whole request is the only one.
    this.#agent = new Agent({
      connect: guardedConnector(guard),
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: 10_000,
    });
  }

  /** Never throws: every failure is a result. */
  async post(url: string, headers: Record<string, string>, body: string, aborted?: AbortSignal): Promise<SendResult> {
    const began = performance.now();
    let status: number | undefined;
    let retryAfter: string | undefined;
    let response = '';
    let responseHeaders = {};
    let error: string | undefined;
    const requestHeaders = { ...headers, 'content-type': 'application/json', 'user-agent': 'IHF-Hub-Webhooks/1' };
    const timeout = AbortSignal.timeout(this.#timeoutMs);
    const signal = aborted ? AbortSignal.any([timeout, aborted]) : timeout;
    try {
      this.#guard.checkUrl(url);
      // `request` does not follow redirects: a redirect could lead into a private network.
      const received = await request(url, {
        method: 'POST',
        headers: requestHeaders,
        body,
        dispatcher: this.#agent,
        signal,
      });
      status = received.statusCode;
      responseHeaders = storedHeaders(received.headers);
      const header = received.headers['retry-after'];
      retryAfter = Array.isArray(header) ? header[0] : header;
      response = await readPrefix(received.body);
      if (status < 200 || status > 299) error = statusError(status);
    } catch (cause) {
      if (LOCAL_ERROR.test((cause as { code?: string }).code ?? '')) return unsent(networkError(cause));
      error = timeout.aborted
        ? `The endpoint sent no complete response within ${this.#timeoutMs} ms.`
        : networkError(cause);
    }
    const durationMs = Math.round(performance.now() - began);
    return { status, error, response, requestHeaders, responseHeaders, retryAfter, durationMs, isSent: true };
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }
}

function guardedConnector(guard: SsrfGuard): buildConnector.connector {
  const resolve: LookupFunction = (name, options, done) => {
    guard.resolveHost(name).then(
      (addresses) => {
        const [first] = addresses;
        if (options.all) done(null, addresses);
        else done(null, first?.address ?? '', first?.family);
      },
      (error) => done(error, ''),
    );
  };
  const connect = buildConnector({ lookup: resolve, timeout: 0 });
  return (options, done) =>
    connect(options, (...[error, socket]) => {
      if (!socket) return done(error as Error, null);
      try {
        // An IP address in the URL skips the lookup, and a name can resolve differently between check and connection.
        guard.checkIp(socket.remoteAddress ?? '');
        done(null, socket);
      } catch (blocked) {
        socket.destroy();
        done(blocked as Error, null);
      }
    });
}

async function readPrefix(body: AsyncIterable<Buffer>): Promise<string> {
  const read: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    read.push(chunk);
    bytes += chunk.length;
    if (bytes >= MAX_READ_BYTES) break; // closes the connection too
  }
  // Postgres cannot store U+0000.
  return Buffer.concat(read).subarray(0, MAX_STORED_BYTES).toString('utf8').replaceAll('\0', '\ufffd');
}

function statusError(status: number): string {
  if (status >= 300 && status < 400) return `Redirects are not followed (${status}). Subscribe with the final URL.`;
  return `The endpoint returned ${status}.`;
}

function networkError(cause: unknown): string {
  if (cause instanceof BlockedUrlError) return cause.message;
  const { code, message } = cause as { code?: string; message?: string };
  return `The endpoint could not be reached: ${code ?? message ?? cause}.`;
}
