// Only what stands between the two region lines is put into the rendered client.
import { Credentials, type TokenAnswer } from './credentials.ts';
import { IhfConnectionError, IhfError } from './errors.ts';
import { limited, sleep } from './limits.ts';
import type { CallOptions, IhfClientOptions } from './options.ts';
import { apiError } from './problems.ts';
import { addressOf, type Call, lowerCase, type Outgoing, outgoing } from './request.ts';
import { delayAfter } from './retry.ts';

//#region rendered
/** An answer with its body read. */
interface Answer {
  response: Response;
  text: string;
}

class Transport {
  readonly #baseUrl: string;
  readonly #fetch: typeof globalThis.fetch;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #limits: Required<{ [name in 'timeoutMs' | 'totalTimeoutMs' | 'maxRetries']: number }>;
  readonly #credentials: Credentials;

  constructor(options: IhfClientOptions, sdk: string) {
    this.#baseUrl = addressOf(options.baseUrl ?? 'http://127.0.0.1:3000');
    // Called as a plain function: browsers refuse a `fetch` that is called as somebody's method.
    this.#fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
    this.#headers = { 'ihf-sdk': sdk, ...lowerCase(options.headers) };
    this.#limits = {
      timeoutMs: options.timeoutMs ?? 30_000,
      totalTimeoutMs: options.totalTimeoutMs ?? Number.POSITIVE_INFINITY,
      maxRetries: options.maxRetries ?? 2,
    };
    this.#credentials = new Credentials(options, (authorization) => this.#fetchToken(authorization));
  }

  async send<T>(call: Call): Promise<T> {
    const request = outgoing(call, this.#baseUrl, this.#headers);
    const answer = await this.#deliver(request, call.open !== true, call.options);
    return (call.text ? answer.text : jsonOf(answer)) as T;
  }

  /** Sends the request as often as it takes and may be, and answers with what the hub said in the end. */
  async #deliver(request: Outgoing, identified: boolean, options: CallOptions = {}): Promise<Answer> {
    const { signal, timeoutMs = this.#limits.timeoutMs, maxRetries = this.#limits.maxRetries } = options;
    const endsAt = performance.now() + (options.totalTimeoutMs ?? this.#limits.totalTimeoutMs);
    let replaced = false;
    for (let retries = 0; ; ) {
      const left = () => Math.min(timeoutMs, endsAt - performance.now());
      const authorization = identified ? await this.#authorization(request, left(), signal) : undefined;
      let failure: unknown;
      try {
        const answer = await this.#exchange(request, authorization, left(), signal);
        if (answer.response.ok) return answer;
        if (answer.response.status === 401 && !replaced && authorization && this.#credentials.replace(authorization)) {
          replaced = true;
          continue;
        }
        failure = apiError(answer.response, answer.text);
      } catch (error) {
        failure = error;
      }
      const delay = request.repeatable && retries < maxRetries ? delayAfter(failure, retries) : undefined;
      if (delay === undefined || performance.now() + delay > endsAt) throw failure;
      await sleep(delay, signal);
      retries++;
    }
  }

  async #exchange(
    { method, url, headers, body }: Outgoing,
    authorization: string | undefined,
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): Promise<Answer> {
    const send = this.#fetch;
    const sent = authorization === undefined ? headers : { ...headers, authorization };
    try {
      return await limited(`${method} ${url}`, timeoutMs, signal, async (signal) => {
        const response = await send(url, { method, headers: sent, body, signal });
        return { response, text: await response.text() };
      });
    } catch (cause) {
      if (signal?.aborted || cause instanceof IhfError) throw cause;
      throw new IhfConnectionError(`${method} ${url} failed: ${reasonOf(cause)}`, { cause });
    }
  }

  /** What the call proves who calls with, unless it has a header of its own for that. */
  #authorization(
    { headers }: Outgoing,
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): Promise<string> | string | undefined {
    if ('authorization' in headers) return undefined;
    const authorization = this.#credentials.authorization();
    if (!(authorization instanceof Promise)) return authorization;
    // Others wait for the same token: the caller that gives up must not end it for them.
    return limited('the access token', timeoutMs, signal, () => authorization);
  }

  async #fetchToken(authorization: string): Promise<TokenAnswer> {
    const headers = {
      ...this.#headers,
      authorization,
      'content-type': 'application/x-www-form-urlencoded',
    };
    const url = `${this.#baseUrl}/api/v2/token`;
    const request = { method: 'POST', url, headers, body: 'grant_type=client_credentials', repeatable: true };
    const token = jsonOf(await this.#deliver(request, false)) as TokenAnswer;
    if (typeof token?.access_token !== 'string') throw new IhfError('The hub answered without an access token');
    return token;
  }
}

function jsonOf({ response, text }: Answer): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Something other than the hub answered, a sign-in page for example.
    throw apiError(response, text);
  }
}

/** `fetch` says no more than "fetch failed"; why is in the innermost cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof Error) return reasonOf(error.cause);
  return error.message || ('code' in error ? String(error.code) : error.name);
}

//#endregion

export { Transport };
