// Only what stands between the two region lines is put into the rendered client.
import { credentials, tokenRequest } from './credentials.ts';
import { exchange } from './exchange.ts';
import type { IhfResponse } from './hooks.ts';
import { limited, sleep } from './limits.ts';
import type { CallOptions, IhfClientOptions } from './options.ts';
import { apiError } from './problems.ts';
import { addressOf, type Call, lowerCase, requestOf } from './request.ts';
import { delayAfter } from './retry.ts';
import { revisionWatch } from './revision-watch.ts';

//#region rendered
/** The way to a hub: what it returns makes a call. Nothing is a property, so that printing a client prints no secret. */
function transport(options: IhfClientOptions, own: Readonly<Record<string, string>>): <T>(call: Call) => Promise<T> {
  const { apiKey, clientId, clientSecret, onRequest, onResponse, ...others } = options;
  const { timeoutMs = 30_000, totalTimeoutMs = Number.POSITIVE_INFINITY, maxRetries = 2 } = others;
  const baseUrl = addressOf(others.baseUrl ?? 'http://127.0.0.1:3000');
  // Called as a plain function: browsers refuse a `fetch` that is called as somebody's method.
  const fetch = others.fetch ?? ((input, init) => globalThis.fetch(input, init));
  const headers = { ...own, ...lowerCase(others.headers) };
  const watchRevision = revisionWatch(others.onNewerContract);
  const { authorization, replace } = credentials({ apiKey, clientId, clientSecret }, (basic) =>
    // Without the hooks: what is asked and what is answered are secret.
    transport({ ...others, onNewerContract: false }, own)(tokenRequest(basic)),
  );

  /** What proves who calls. */
  function identify(timeoutMs: number, signal: AbortSignal | undefined): Promise<string> | string | undefined {
    const proof = authorization();
    // Others wait for the same token: the caller that gives up must not end it for them.
    return proof instanceof Promise ? limited('the access token', timeoutMs, signal, () => proof) : proof;
  }

  /** Sends a request as often as it takes and may be, and answers with what the hub said in the end. */
  async function deliver(call: Call, options: CallOptions): Promise<IhfResponse> {
    const { signal } = options;
    const endsAt = performance.now() + (options.totalTimeoutMs ?? totalTimeoutMs);
    const left = () => Math.min(options.timeoutMs ?? timeoutMs, endsAt - performance.now());
    const request = requestOf(call, baseUrl, headers);
    // A header of the caller's own goes before the client's credentials.
    const identified = !(call.open || 'authorization' in request.headers);
    // It does no harm to ask for a token twice.
    const repeatable = call.method === 'GET' || call.idempotent || call.form;
    const most = repeatable ? (options.maxRetries ?? maxRetries) : 0;
    let replaced = false;
    for (let retries = 0; ; ) {
      const proof = identified ? await identify(left(), signal) : undefined;
      const sent = { ...request, headers: { ...request.headers } };
      await onRequest?.(sent);
      let failure: unknown;
      const response = await exchange(fetch, sent, proof, left(), signal).catch((error) => {
        failure = error;
      });
      if (response) {
        watchRevision(response.headers);
        await onResponse?.(response, sent);
        await options.onResponse?.(response, sent);
        const { status } = response;
        if (status >= 200 && status < 300) return response;
        if (status === 401 && proof && !replaced && replace(proof)) {
          replaced = true;
          continue;
        }
        failure = apiError(response);
      }
      const delay = retries < most ? delayAfter(failure, retries) : undefined;
      if (delay === undefined || performance.now() + delay > endsAt) throw failure;
      await sleep(delay, signal);
      retries++;
    }
  }

  return async <T>(call: Call) => {
    const response = await deliver(call, call.options ?? {});
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
