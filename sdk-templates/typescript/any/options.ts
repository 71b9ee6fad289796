// Only the text between the two region lines becomes part of the rendered client.
import type { CallOptions } from '../call-options.ts';
import type { Fetch } from '../fetch.ts';
import type { ErrorHook, RequestHook, ResponseHook, RetryHook } from '../hooks.ts';
import type { ClientCredentials } from './contract.ts';

//#region rendered
/** Options of the client. */
export interface IhfClientOptions {
  /** Base URL of the API. Default: the environment variable `IHF_BASE_URL`, or the first server of the API. */
  baseUrl?: string | undefined;
  /** Credentials by the name of their security scheme. A call uses the first alternative whose credentials are all given. */
  credentials?: ClientCredentials | undefined;
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
}

/** Options of a call that accepts an idempotency key. */
export interface IdempotentCallOptions extends CallOptions {
  /** Makes the call safe to repeat. Default: a random key, which covers the retries of this call. */
  idempotencyKey?: string | undefined;
}
//#endregion
