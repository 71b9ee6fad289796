// Only the text between the two region lines becomes part of the rendered client.
import type { ResponseHook } from './hooks.ts';

//#region rendered
/** Options of one call. */
export interface CallOptions {
  /** Aborts the call, which then throws the reason of the signal. */
  signal?: AbortSignal | undefined;
  /** Headers for this call; they override those of the client. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Timeout of each attempt, in milliseconds. Default: that of the client. */
  timeoutMs?: number | undefined;
  /** Timeout of this call with all attempts, in milliseconds. Default: that of the client. */
  totalTimeoutMs?: number | undefined;
  /** Maximum number of retries. Default: that of the client. */
  maxRetries?: number | undefined;
  /**
   * In a page, completes the request even if the page is closed. Browsers limit the bodies of all such requests in flight to
   * 64 KiB. Default: false.
   */
  keepalive?: boolean | undefined;
  /** Called with each response to this call, after the hook of the client. Use it to read response headers. */
  onResponse?: ResponseHook | undefined;
}
//#endregion
