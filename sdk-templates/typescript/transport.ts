// Only what stands between the two region lines is put into the rendered client.
import { credentials, tokenRequest } from './credentials.ts';
import { exchange } from './exchange.ts';
import type { IhfResponse } from './hooks.ts';
import { limited, sleep } from './limits.ts';
import type { IhfClientOptions } from './options.ts';
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
  const authorization = credentials({ apiKey, clientId, clientSecret }, (basic) =>
    // Without the hooks: what is asked and what is answered are secret.
    transport({ ...others, onNewerContract: false }, own)(tokenRequest(basic)),
  );

  /** Sends a request as often as it takes and may be. */
  return async (call) => {
    const { options = {} } = call;
    const { signal } = options;
    const endsAt = performance.now() + (options.totalTimeoutMs ?? totalTimeoutMs);
    const left = () => Math.min(options.timeoutMs ?? timeoutMs, endsAt - performance.now());
    const request = requestOf(call, baseUrl, headers);
    // A header of the caller's own goes before the client's credentials.
    const identified = !(call.open || 'authorization' in request.headers);
    // It does no harm to ask for a token twice.
    const repeatable = call.method === 'GET' || call.idempotent || call.form;
    const most = repeatable ? (options.maxRetries ?? maxRetries) : 0;
    let failure: unknown;
    let refused: string | undefined;
    for (let retries = 0; ; ) {
      signal?.throwIfAborted();
      const asked = identified ? authorization(refused) : undefined;
      // Others wait for the same token: the caller that gives up must not end it for them.
      const proof = asked instanceof Promise ? await limited('the access token', left(), signal, () => asked) : asked;
      if (refused && refused === proof) throw failure;
      const sent = { ...request, headers: { ...request.headers } };
      await onRequest?.(sent);
      const response = await exchange(fetch, sent, proof, left(), signal).catch((error) => {
        failure = error;
      });
      if (response) {
        const { status } = response;
        watchRevision(response.headers);
        await onResponse?.(response, sent);
        await options.onResponse?.(response, sent);
        if (status >= 200 && status < 300) return resultOf(call, response);
        failure = apiError(response);
        if (status === 401 && proof && !refused) {
          refused = proof;
          continue;
        }
      }
      const delay = retries < most ? delayAfter(failure, retries++) : undefined;
      if (delay === undefined || performance.now() + delay > endsAt) throw failure;
      await sleep(delay, signal);
    }
  };
}

/** What an operation answers with. */
function resultOf(call: Call, response: IhfResponse) {
  try {
    return call.text ? response.body : JSON.parse(response.body);
  } catch {
    // Something other than the hub answered, a sign-in page for example.
    throw apiError(response);
  }
}

//#endregion

export { transport };
