// Only the text between the two region lines becomes part of the rendered client.
import { credentials, tokenRequest } from './credentials.ts';
import { debugLog, environment, environmentKey } from './environment.ts';
import { IhfApiError, locateError } from './errors.ts';
import type { IhfResponse } from './hooks.ts';
import type { Fetch, IhfClientOptions } from './options.ts';
import { apiError } from './problems.ts';
import { type Call, lowerCase, normalizeBaseUrl, requestOf } from './request.ts';
import { delayAfter } from './retry.ts';
import { revisionWatch } from './revision-watch.ts';
import { sendOnce } from './send-once.ts';
import { sleep, withTimeout } from './timeout.ts';

//#region rendered
/** Creates the function that makes calls. It keeps state in closures, so that printing a client does not reveal secrets. */
function transport(
  options: IhfClientOptions,
  sdkHeaders: Readonly<Record<string, string>>,
): <T>(call: Call) => Promise<T> {
  const { clientId, clientSecret, onRequest, onResponse, onRetry, onError, ...others } = options;
  const { timeoutMs = 30_000, totalTimeoutMs = Number.POSITIVE_INFINITY, maxRetries = 2 } = others;
  const baseUrl = normalizeBaseUrl(others.baseUrl ?? environment('IHF_BASE_URL') ?? 'http://127.0.0.1:3000');
  const { apiKey = (clientId ?? clientSecret) === undefined ? environmentKey(baseUrl) : undefined } = others;
  // Called as a plain function, because browsers reject `fetch` with another `this`.
  const fetch: Fetch = others.fetch ?? ((url, init) => globalThis.fetch(url, init));
  const headers = { ...sdkHeaders, ...lowerCase(others.headers) };
  const watchRevision = revisionWatch(others.onNewerContract);
  const credential = credentials({ apiKey, clientId, clientSecret }, (basic) =>
    // Without the hooks, because request and response contain secrets.
    transport({ ...others, onNewerContract: false }, sdkHeaders)(tokenRequest(basic)),
  );

  /** Sends a request, with retries. */
  return async (call) => {
    const { options = {} } = call;
    const { signal } = options;
    const deadline = performance.now() + (options.totalTimeoutMs ?? totalTimeoutMs);
    const timeLeft = () => Math.min(options.timeoutMs ?? timeoutMs, deadline - performance.now());
    const request = requestOf(call, baseUrl, headers);
    // An Authorization header of the application overrides the credentials of the client.
    const authenticated = !(call.public || 'authorization' in request.headers);
    // Requesting a token twice does no harm.
    const repeatable = call.method === 'GET' || call.idempotent || call.form;
    const retryLimit = options.maxRetries ?? maxRetries;
    let lastError: unknown;
    let rejected: string | undefined;
    const what = `${request.method} ${request.url}`;
    try {
      for (let retries = 0; ; ) {
        signal?.throwIfAborted();
        const pending = authenticated ? credential(rejected) : undefined;
        // Other calls may wait for the same token, so a timeout or abort of this call must not cancel the token request.
        const authorization =
          pending instanceof Promise ? await withTimeout('token request', timeLeft(), signal, () => pending) : pending;
        if (rejected && rejected === authorization) throw lastError;
        const sent = { ...request, headers: { ...request.headers } };
        await onRequest?.(sent);
        const response = await sendOnce(fetch, sent, authorization, options.keepalive, timeLeft(), signal).catch(
          (error) => {
            lastError = error;
          },
        );
        if (response) {
          const { status } = response;
          debugLog(() => `${what}: ${status}`);
          watchRevision(response.headers);
          await onResponse?.(response, sent);
          await options.onResponse?.(response, sent);
          if (status >= 200 && status < 300) return resultOf(call, response);
          lastError = apiError(response);
          if (status === 401 && authorization && !rejected) {
            rejected = authorization;
            continue;
          }
        }
        // A request that a limit rejected has changed nothing, so every method can be repeated.
        const mayRepeat = repeatable || (lastError instanceof IhfApiError && lastError.status === 429);
        const delay = mayRepeat && retries < retryLimit ? delayAfter(lastError, retries++) : undefined;
        if (delay === undefined || performance.now() + delay > deadline) throw lastError;
        locateError(lastError, request);
        debugLog(() => `${what}: retry in ${Math.round(delay)} ms after: ${lastError}`);
        onRetry?.(lastError, { retry: retries, delayMs: delay }, sent);
        await sleep(delay, signal);
      }
    } catch (error) {
      locateError(error, request);
      debugLog(() => `${what} failed: ${error}`);
      onError?.(error, request);
      throw error;
    }
  };
}

/** The result of an operation. */
function resultOf(call: Call, response: IhfResponse) {
  try {
    return call.text ? response.body : JSON.parse(response.body);
  } catch {
    // Not a response of the server; a sign-in page, for example.
    throw apiError(response);
  }
}

//#endregion

export { transport };
