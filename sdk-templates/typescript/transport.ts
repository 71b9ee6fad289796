// Only what stands between the two region lines is put into the rendered client.
import { credentials, type TokenAnswer } from './credentials.ts';
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
/** The way to a hub: what it returns makes a call. In a closure, so that printing a client prints no secret. */
function transport(options: IhfClientOptions, own: Readonly<Record<string, string>>): <T>(call: Call) => Promise<T> {
  const baseUrl = addressOf(options.baseUrl ?? 'http://127.0.0.1:3000');
  // Called as a plain function: browsers refuse a `fetch` that is called as somebody's method.
  const fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
  const headers = { ...own, ...lowerCase(options.headers) };
  const { timeoutMs = 30_000, totalTimeoutMs = Number.POSITIVE_INFINITY, maxRetries = 2 } = options;
  const { onRequest, onResponse } = options;
  const watchRevision = revisionWatch(options.onNewerContract);
  const { authorization, replace } = credentials(options, fetchToken);

  /** Sends a request as often as it takes and may be, and answers with what the hub said in the end. */
  async function deliver(outgoing: Outgoing, call: CallOptions, hooked: boolean): Promise<IhfResponse> {
    const { request, repeatable, identified } = outgoing;
    const { signal } = call;
    const endsAt = performance.now() + (call.totalTimeoutMs ?? totalTimeoutMs);
    const left = () => Math.min(call.timeoutMs ?? timeoutMs, endsAt - performance.now());
    const mostRetries = repeatable ? (call.maxRetries ?? maxRetries) : 0;
    let replaced = false;
    for (let retries = 0; ; ) {
      const proof = identified ? await identify(left(), signal) : undefined;
      const sent = { ...request, headers: { ...request.headers } };
      if (hooked && onRequest) await onRequest(sent);
      let failure: unknown;
      const response = await exchange(fetch, sent, proof, left(), signal).catch((error) => {
        failure = error;
      });
      if (response) {
        watchRevision(response.headers);
        if (hooked && onResponse) await onResponse(response, sent);
        if (call.onResponse) await call.onResponse(response, sent);
        const { status } = response;
        if (status >= 200 && status < 300) return response;
        if (status === 401 && proof && !replaced && replace(proof)) {
          replaced = true;
          continue;
        }
        failure = apiError(response);
      }
      const delay = retries < mostRetries ? delayAfter(failure, retries) : undefined;
      if (delay === undefined || performance.now() + delay > endsAt) throw failure;
      await sleep(delay, signal);
      retries++;
    }
  }

  /** What proves who calls. */
  function identify(timeoutMs: number, signal: AbortSignal | undefined): Promise<string> | string | undefined {
    const proof = authorization();
    // Others wait for the same token: the caller that gives up must not end it for them.
    return proof instanceof Promise ? limited('the access token', timeoutMs, signal, () => proof) : proof;
  }

  /** Without the hooks: what is asked and what is answered are secret. */
  async function fetchToken(authorization: string): Promise<TokenAnswer> {
    const form = { authorization, 'content-type': 'application/x-www-form-urlencoded' };
    const request = {
      method: 'POST',
      url: `${baseUrl}/api/v2/token`,
      headers: { ...headers, ...form },
      body: 'grant_type=client_credentials',
    };
    const token = jsonOf(await deliver({ request, repeatable: true, identified: false }, {}, false)) as TokenAnswer;
    if (typeof token?.access_token !== 'string') throw new IhfError('The hub answered without an access token');
    return token;
  }

  return async <T>(call: Call) => {
    const response = await deliver(outgoing(call, baseUrl, headers), call.options ?? {}, true);
    return (call.text ? response.body : jsonOf(response)) as T;
  };
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

export { transport };
