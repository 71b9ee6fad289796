// Only the text between the two region lines becomes part of the rendered client.
import { IhfApiError } from './api-error.ts';
import { normalizeBaseUrl } from './base-url.ts';
import { DEFAULT_BASE_URL } from './contract.ts';
import { type Credential, credentials } from './credentials.ts';
import { debugLog, environment } from './environment.ts';
import { locateError } from './errors.ts';
import type { Fetch } from './fetch.ts';
import type { IhfResponse } from './hooks.ts';
import type { IhfClientOptions } from './options.ts';
import { apiError } from './problems.ts';
import { type Call, lowerCase, requestOf } from './request.ts';
import { delayAfter } from './retry.ts';
import { sendOnce } from './send-once.ts';
import { sleep, withTimeout } from './timeout.ts';

//#region rendered
/** Creates the function that makes calls. It keeps state in closures, so that printing a client does not reveal secrets. */
function transport(
  options: IhfClientOptions,
  sdkHeaders: Readonly<Record<string, string>>,
  watch?: (headers: Headers) => void,
): <T>(call: Call) => Promise<T> {
  const { onRequest, onResponse, onRetry, onError, ...others } = options;
  const { timeoutMs = 30_000, totalTimeoutMs = Number.POSITIVE_INFINITY, maxRetries = 2 } = others;
  const baseUrl = normalizeBaseUrl(others.baseUrl ?? environment('IHF_BASE_URL') ?? DEFAULT_BASE_URL);
  // Called as a plain function, because browsers reject `fetch` with another `this`.
  const fetch: Fetch = others.fetch ?? ((url, init) => globalThis.fetch(url, init));
  const headers = { ...sdkHeaders, ...lowerCase(others.headers) };
  // Without the hooks, because request and response of a token request contain secrets.
  const credential = credentials({ ...others, baseUrl }, (call) => transport(others, sdkHeaders)(call));

  /** Sends a request, with retries. */
  return async (call) => {
    const { options = {} } = call;
    const { signal } = options;
    const deadline = performance.now() + (options.totalTimeoutMs ?? totalTimeoutMs);
    const timeLeft = () => Math.min(options.timeoutMs ?? timeoutMs, deadline - performance.now());
    const request = requestOf(call, baseUrl, headers);
    // An Authorization header of the application overrides the credentials of the client.
    const authenticated = !(call.public || call.form || 'authorization' in request.headers);
    // Requesting a token twice does no harm.
    const repeatable = call.method === 'GET' || call.idempotent || call.form;
    const retryLimit = options.maxRetries ?? maxRetries;
    let lastError: unknown;
    let rejected: Credential | undefined;
    const what = `${request.method} ${request.url}`;
    try {
      for (let retries = 0; ; ) {
        signal?.throwIfAborted();
        const pending = authenticated ? credential(call, rejected) : undefined;
        // Other calls may wait for the same token, so a timeout or abort of this call must not cancel the token request.
        const authorization =
          pending instanceof Promise ? await withTimeout('token request', timeLeft(), signal, () => pending) : pending;
        if (rejected && rejected === authorization) throw lastError;
        const sent = { ...request, headers: { ...request.headers } };
        await onRequest?.(sent);
        const attempt = sendOnce(fetch, sent, authorization, options.keepalive, timeLeft(), signal, call.read);
        const response = await attempt.catch((error) => {
          lastError = error;
        });
        if (response) {
          const { status } = response;
          debugLog(() => `${what}: ${status}`);
          watch?.(response.headers);
          await onResponse?.(response, sent);
          await options.onResponse?.(response, sent);
          if (status >= 200 && status < 300) return call.read ? response.result : resultOf(call, response);
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
