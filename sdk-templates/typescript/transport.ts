// Only what stands between the two region lines is put into the rendered client.
import { Credentials, type TokenAnswer } from './credentials.ts';
import { IhfError } from './errors.ts';
import { exchange } from './exchange.ts';
import type { IhfResponse } from './hooks.ts';
import { limited, sleep } from './limits.ts';
import type { CallOptions, IhfClientOptions } from './options.ts';
import { apiError } from './problems.ts';
import { addressOf, type Call, lowerCase, type Outgoing, outgoing } from './request.ts';
import { delayAfter } from './retry.ts';
import { revisionWatch } from './revision-watch.ts';

//#region rendered
class Transport {
  readonly #options: IhfClientOptions;
  readonly #baseUrl: string;
  readonly #fetch: typeof globalThis.fetch;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #credentials: Credentials;
  readonly #watchRevision: (headers: Headers) => void;

  constructor(options: IhfClientOptions, own: Readonly<Record<string, string>>) {
    const { baseUrl, apiKey, clientId, clientSecret, fetch, headers, onNewerContract, ...others } = options;
    this.#baseUrl = addressOf(baseUrl ?? 'http://127.0.0.1:3000');
    // Called as a plain function: browsers refuse a `fetch` that is called as somebody's method.
    this.#fetch = fetch ?? ((input, init) => globalThis.fetch(input, init));
    this.#headers = { ...own, ...lowerCase(headers) };
    this.#credentials = new Credentials({ apiKey, clientId, clientSecret }, (own) => this.#fetchToken(own));
    this.#watchRevision = revisionWatch(onNewerContract);
    this.#options = others;
  }

  async send<T>(call: Call): Promise<T> {
    const response = await this.#deliver(
      outgoing(call, this.#baseUrl, this.#headers),
      call.options ?? {},
      this.#options,
    );
    return (call.text ? response.body : jsonOf(response)) as T;
  }

  /** Sends the request as often as it takes and may be, and answers with what the hub said in the end. */
  async #deliver(request: Outgoing, options: CallOptions, defaults: IhfClientOptions): Promise<IhfResponse> {
    const { signal, timeoutMs = defaults.timeoutMs ?? 30_000, maxRetries = defaults.maxRetries ?? 2 } = options;
    const endsAt = performance.now() + (options.totalTimeoutMs ?? defaults.totalTimeoutMs ?? Number.POSITIVE_INFINITY);
    const left = () => Math.min(timeoutMs, endsAt - performance.now());
    let replaced = false;
    for (let retries = 0; ; ) {
      const authorization = request.identified ? await this.#authorization(left(), signal) : undefined;
      const { method, url, headers, body } = request;
      const sent = { method, url, headers: { ...headers }, body };
      if (defaults.onRequest) await defaults.onRequest(sent);
      // The hooks do not see it: they are where things are logged.
      const proven = authorization === undefined ? sent : { ...sent, headers: { ...sent.headers, authorization } };
      let failure: unknown;
      const response = await exchange(this.#fetch, proven, left(), signal).catch((error) => {
        failure = error;
      });
      if (response) {
        this.#watchRevision(response.headers);
        if (defaults.onResponse) await defaults.onResponse(response, sent);
        if (options.onResponse) await options.onResponse(response, sent);
        if (response.status >= 200 && response.status < 300) return response;
        if (response.status === 401 && !replaced && authorization && this.#credentials.replace(authorization)) {
          replaced = true;
          continue;
        }
        failure = apiError(response);
      }
      const delay = request.repeatable && retries < maxRetries ? delayAfter(failure, retries) : undefined;
      if (delay === undefined || performance.now() + delay > endsAt) throw failure;
      await sleep(delay, signal);
      retries++;
    }
  }

  /** What proves who calls. */
  #authorization(timeoutMs: number, signal: AbortSignal | undefined): Promise<string> | string | undefined {
    const authorization = this.#credentials.authorization();
    if (!(authorization instanceof Promise)) return authorization;
    // Others wait for the same token: the caller that gives up must not end it for them.
    return limited('the access token', timeoutMs, signal, () => authorization);
  }

  /** Without the hooks: what is asked and what is answered are secret. */
  async #fetchToken(own: string): Promise<TokenAnswer> {
    const form = { authorization: own, 'content-type': 'application/x-www-form-urlencoded' };
    const { timeoutMs, totalTimeoutMs, maxRetries } = this.#options;
    const response = await this.#deliver(
      {
        method: 'POST',
        url: `${this.#baseUrl}/api/v2/token`,
        headers: { ...this.#headers, ...form },
        body: 'grant_type=client_credentials',
        repeatable: true,
        identified: false,
      },
      { timeoutMs, totalTimeoutMs, maxRetries },
      {},
    );
    const token = jsonOf(response) as TokenAnswer;
    if (typeof token?.access_token !== 'string') throw new IhfError('The hub answered without an access token');
    return token;
  }
}

function jsonOf(response: IhfResponse): unknown {
  try {
    return JSON.parse(response.body);
  } catch {
    // Something other than the hub answered, a sign-in page for example.
    throw apiError(response);
  }
}

//#endregion

export { Transport };
