// Only what stands between the two region lines is put into the rendered client.
import type { RequestHook, ResponseHook } from './hooks.ts';
import type { NewerContractHook } from './revision-watch.ts';

//#region rendered
export interface IhfClientOptions {
  /** Where the hub is. Default: `http://127.0.0.1:3000`. */
  baseUrl?: string | undefined;
  /** An API key, `ihf_live_…`. */
  apiKey?: string | undefined;
  /** An OAuth 2.0 client, with `clientSecret`, in place of an API key. Its access tokens are fetched and renewed. */
  clientId?: string | undefined;
  clientSecret?: string | undefined;
  /** Sends the requests in place of the global `fetch`. */
  fetch?: typeof globalThis.fetch | undefined;
  /** Sent with every request. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** How long a try may take until its answer is complete. Default: 30 000. `Infinity`: as long as it likes. */
  timeoutMs?: number | undefined;
  /** How long a call may take with all its tries and the waits between them. Default: `Infinity`. */
  totalTimeoutMs?: number | undefined;
  /** How often a call that is safe to repeat is tried again when the hub cannot answer it just now. Default: 2. */
  maxRetries?: number | undefined;
  onRequest?: RequestHook | undefined;
  onResponse?: ResponseHook | undefined;
  /** In place of a warning on the console. `false`: nothing is said. */
  onNewerContract?: NewerContractHook | false | undefined;
}

export interface CallOptions {
  /** Ends the call; it then throws the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Sent with this request; they go before the client's own. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** How long each try of this call may take. */
  timeoutMs?: number | undefined;
  /** How long this call may take with all its tries. */
  totalTimeoutMs?: number | undefined;
  /** How often this call is tried again. */
  maxRetries?: number | undefined;
  /** Called with every answer to this call, after the client's own hook: the way to its headers. */
  onResponse?: ResponseHook | undefined;
}

export interface IdempotentCallOptions extends CallOptions {
  /**
   * Makes the call safe to repeat: the same key and payload give the stored answer for 24 hours. Without one the client
   * makes a key of its own, which holds for the tries of this call.
   */
  idempotencyKey?: string | undefined;
}
//#endregion
