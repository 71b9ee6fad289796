import type { LookupFunction } from 'node:net';
import { Agent, buildConnector, request } from 'undici';
import { type AddressGuard, AddressRefused } from './address-guard.ts';
import { storedHeaders } from './stored-headers.ts';

/** The most bytes of a response that are read: its status is what counts. */
export const READ_BYTES = 16 * 1024;
/** The piece of it that is kept with the attempt. */
const KEPT_BYTES = 1024;

/** What became of one attempt. */
export interface Sent {
  /** The status of the response; undefined where none came. */
  status: number | undefined;
  /** Why it failed; undefined where it succeeded. */
  error: string | undefined;
  /** The beginning of the response. */
  response: string;
  /** What was sent with the body; empty where nothing was sent. */
  requestHeaders: Readonly<Record<string, string>>;
  /** Those of the response, as far as they are kept. */
  responseHeaders: Readonly<Record<string, string>>;
  retryAfter: string | undefined;
  durationMs: number;
}

/** Posts to addresses that strangers chose. */
export class Sender {
  readonly #guard: AddressGuard;
  readonly #timeoutMs: number;
  readonly #agent: Agent;

  /** @param timeoutMs From the first step of the connection to the last byte of the response. */
  constructor(guard: AddressGuard, timeoutMs: number) {
    this.#guard = guard;
    this.#timeoutMs = timeoutMs;
    // The one timeout is that of the whole attempt.
    this.#agent = new Agent({ connect: guarded(guard), headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: 10_000 });
  }

  /** Never throws: what goes wrong is the endpoint's affair. */
  async post(url: string, headers: Record<string, string>, body: string): Promise<Sent> {
    const began = performance.now();
    let status: number | undefined;
    let retryAfter: string | undefined;
    let response = '';
    let responseHeaders = {};
    let error: string | undefined;
    const requestHeaders = { ...headers, 'content-type': 'application/json', 'user-agent': 'IHF-Hub-Webhooks/1' };
    const signal = AbortSignal.timeout(this.#timeoutMs);
    try {
      this.#guard.checkUrl(url);
      // `request` follows no redirect: what one says is a failure like any other that is not 2xx.
      const answer = await request(url, {
        method: 'POST',
        headers: requestHeaders,
        body,
        dispatcher: this.#agent,
        signal,
      });
      status = answer.statusCode;
      responseHeaders = storedHeaders(answer.headers);
      const wish = answer.headers['retry-after'];
      retryAfter = Array.isArray(wish) ? wish[0] : wish;
      response = await beginningOf(answer.body);
      if (status < 200 || status > 299) error = whatIsWrongWith(status);
    } catch (failure) {
      error = signal.aborted ? `No whole response within ${this.#timeoutMs} ms.` : reasonOf(failure);
    }
    const durationMs = Math.round(performance.now() - began);
    return { status, error, response, requestHeaders, responseHeaders, retryAfter, durationMs };
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }
}

function guarded(guard: AddressGuard): buildConnector.connector {
  const resolve: LookupFunction = (name, options, done) => {
    guard.addressesOf(name).then(
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
        // A literal passes by every lookup, and a lookup is only believed once its result is connected to.
        guard.checkAddress(socket.remoteAddress ?? '');
        done(null, socket);
      } catch (refusal) {
        socket.destroy();
        done(refusal as Error, null);
      }
    });
}

async function beginningOf(body: AsyncIterable<Buffer>): Promise<string> {
  const read: Buffer[] = [];
  let bytes = 0;
  for await (const piece of body) {
    read.push(piece);
    bytes += piece.length;
    if (bytes >= READ_BYTES) break; // ends the connection with it
  }
  // The database stores every character but U+0000.
  return Buffer.concat(read).subarray(0, KEPT_BYTES).toString('utf8').replaceAll('\0', '\ufffd');
}

function whatIsWrongWith(status: number): string {
  if (status >= 300 && status < 400) return `A redirect (${status}) is not followed. Subscribe with the final address.`;
  return `The endpoint answered ${status}.`;
}

function reasonOf(failure: unknown): string {
  if (failure instanceof AddressRefused) return failure.message;
  const { code, message } = failure as { code?: string; message?: string };
  return `The endpoint could not be reached: ${code ?? message ?? failure}.`;
}
