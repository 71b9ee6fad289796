// Only the text between the two region lines becomes part of the rendered client.
import type { CallOptions } from './call-options.ts';
import type { Fetch } from './fetch.ts';
import type { ErrorHook, RequestHook, ResponseHook, RetryHook } from './hooks.ts';
import type { NewerContractHook } from './revision-watch.ts';

//#region rendered
/** Options of the client. */
export interface IhfClientOptions {
  /** Base URL of the server. Default: the environment variable `IHF_BASE_URL`, or `http://127.0.0.1:3000`. */
  baseUrl?: string | undefined;
  /**
   * API key, `ihf_live_…`. Default: the environment variable `IHF_API_KEY`, unless `clientId` is set or `IHF_BASE_URL` names
   * another server than `baseUrl`.
   */
  apiKey?: string | undefined;
  /** OAuth 2.0 client id, with `clientSecret`, instead of an API key. The client fetches and renews access tokens. */
  clientId?: string | undefined;
  /** OAuth 2.0 client secret, with `clientId`. */
  clientSecret?: string | undefined;
  /** Used instead of the global `fetch`. */
  fetch?: Fetch | undefined;
  /** Headers for all requests. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Timeout of one attempt, in milliseconds. Default: 30 000. `Infinity` disables it. */
  timeoutMs?: number | undefined;
  /** Timeout of a call with all attempts and the delays between them, in milliseconds. Default: `Infinity`. */
  totalTimeoutMs?: number | undefined;
  /**
   * Maximum number of retries on transient errors (network errors, timeouts, 408, 429 and 5xx except 501). Operations
   * that are neither GET nor accept an idempotency key are retried only on 429. Default: 2.
   */
  maxRetries?: number | undefined;
  /** Called before each attempt; may change the headers. */
  onRequest?: RequestHook | undefined;
  /** Called with each response, including error responses. */
  onResponse?: ResponseHook | undefined;
  /** Called before the delay of each retry. */
  onRetry?: RetryHook | undefined;
  /** Called once when a call fails, with the error that it throws. */
  onError?: ErrorHook | undefined;
  /**
   * Called once when the contract of the server is newer than this client. Default: one console warning per process.
   * `false`: none.
   */
  onNewerContract?: NewerContractHook | false | undefined;
}

/** Options of a call that accepts an idempotency key. */
export interface IdempotentCallOptions extends CallOptions {
  /**
   * Makes the call safe to repeat: for 24 hours, the same key with the same request returns the stored response.
   * Default: a random key, which covers the retries of this call.
   */
  idempotencyKey?: string | undefined;
}
//#endregion
