// Only what stands between the two region lines is put into the rendered client.
import { apiError, IhfConnectionError, IhfTimeoutError } from './errors.ts';

//#region rendered
export interface IhfClientOptions {
  /** Where the hub is. Default: `http://127.0.0.1:3000`. */
  baseUrl?: string | undefined;
  /** Sends the requests in place of the global `fetch`. */
  fetch?: typeof globalThis.fetch | undefined;
  /** Sent with every request. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** How long a call may take until its answer is complete. Default: 30 000. `Infinity`: as long as it likes. */
  timeoutMs?: number | undefined;
}

export interface CallOptions {
  /** Ends the call; it then throws the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Sent with this request; they go before the client's own. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** How long this call may take. */
  timeoutMs?: number | undefined;
}

export interface IdempotentCallOptions extends CallOptions {
  /** Makes the call safe to repeat: the same key and payload give the stored answer for 24 hours. */
  idempotencyKey?: string | undefined;
}

interface Call {
  method: string;
  /** With `{name}` where one of `params` goes. */
  path: string;
  params?: Readonly<Record<string, string | number>>;
  query?: object | undefined;
  body?: unknown;
  result: 'json' | 'text';
  options?: IdempotentCallOptions | undefined;
}

/** What setTimeout can hold; it fires at once for anything longer. */
const LONGEST_TIMEOUT_MS = 2_147_483_647;

class Transport {
  readonly #baseUrl: string;
  readonly #fetch: typeof globalThis.fetch;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #timeoutMs: number;

  constructor({ baseUrl, fetch, headers, timeoutMs }: IhfClientOptions, sdk: string) {
    this.#baseUrl = (baseUrl ?? 'http://127.0.0.1:3000').replace(/\/+$/, '');
    // Called as a plain function: browsers refuse a `fetch` that is called as somebody's method.
    this.#fetch = fetch ?? ((input, init) => globalThis.fetch(input, init));
    this.#headers = { 'IHF-SDK': sdk, ...headers };
    this.#timeoutMs = timeoutMs ?? 30_000;
  }

  async send<T>({ method, path, params = {}, query = {}, body, result, options = {} }: Call): Promise<T> {
    const url = this.#baseUrl + fill(path, params) + queryString(query);
    const headers = new Headers(this.#headers);
    if (body !== undefined) headers.set('Content-Type', 'application/json');
    if (options.idempotencyKey !== undefined) headers.set('Idempotency-Key', options.idempotencyKey);
    for (const [name, value] of Object.entries(options.headers ?? {})) headers.set(name, value);
    const init = { method, headers, body: body === undefined ? null : JSON.stringify(body) };

    const { response, text } = await this.#exchange(url, init, options.timeoutMs ?? this.#timeoutMs, options.signal);
    const requestId = response.headers.get('X-Request-Id') ?? undefined;
    if (!response.ok) throw apiError(response.status, response.statusText, text, requestId);
    if (result === 'text') return text as T;
    try {
      return JSON.parse(text) as T;
    } catch {
      // Something other than the hub answered, a sign-in page for example.
      throw apiError(response.status, response.statusText, text, requestId);
    }
  }

  async #exchange(
    url: string,
    init: RequestInit,
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): Promise<{ response: Response; text: string }> {
    signal?.throwIfAborted();
    const controller = new AbortController();
    const abort = () => controller.abort(signal?.reason);
    signal?.addEventListener('abort', abort);
    const timer = timeoutMs <= LONGEST_TIMEOUT_MS ? setTimeout(abort, timeoutMs) : undefined;
    const send = this.#fetch;
    try {
      const response = await send(url, { ...init, signal: controller.signal });
      return { response, text: await response.text() };
    } catch (cause) {
      if (signal?.aborted) throw signal.reason;
      const call = `${init.method} ${url}`;
      if (controller.signal.aborted) throw new IhfTimeoutError(`${call} took longer than ${timeoutMs} ms`, { cause });
      throw new IhfConnectionError(`${call} failed: ${reasonOf(cause)}`, { cause });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    }
  }
}

function fill(path: string, params: Readonly<Record<string, string | number>>): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = String(params[name]);
    // An address with one of these is another operation's address.
    if (/^\.{0,2}$/.test(value)) throw new TypeError(`${name} must not be '${value}'`);
    return encodeURIComponent(value);
  });
}

function queryString(query: object): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) search.set(name, String(value));
  }
  const text = search.toString();
  return text && `?${text}`;
}

/** `fetch` says no more than "fetch failed"; why is in the innermost cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof Error) return reasonOf(error.cause);
  return error.message || ('code' in error ? String(error.code) : error.name);
}

//#endregion

export { Transport };
