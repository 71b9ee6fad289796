// Only the text between the two region lines becomes part of the rendered client.

import { IhfConnectionError, IhfError } from './errors.ts';
import type { IhfRequest, IhfResponse } from './hooks.ts';
import type { Fetch } from './options.ts';
import { withTimeout } from './timeout.ts';

//#region rendered
/** Sends a request once and reads the response, whatever its status. */
async function sendOnce(
  fetch: Fetch,
  { method, url, headers, body }: IhfRequest,
  authorization: string | undefined,
  keepalive: boolean | undefined,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<IhfResponse> {
  const what = `${method} ${url}`;
  try {
    return await withTimeout(what, timeoutMs, signal, async (signal) => {
      // Added after the hooks, because hooks are often used for logging.
      const sent = authorization ? { ...headers, authorization } : headers;
      const response = await fetch(url, { method, headers: sent, body, signal, ...(keepalive && { keepalive }) });
      const { status, statusText: reason } = response;
      return { status, reason, headers: response.headers, body: await response.text() };
    });
  } catch (cause) {
    if (signal?.aborted || cause instanceof IhfError) throw cause;
    // The option `cause` of Error needs the library of ES2022.
    throw Object.assign(new IhfConnectionError(`${what} failed: ${reasonOf(cause)}`), { cause });
  }
}

/** The message of the innermost cause. The message of `fetch` itself is only "fetch failed". */
function reasonOf(error: unknown): string {
  const { cause, message, code, name } = Object(error);
  return cause instanceof Error ? reasonOf(cause) : message || code || name || String(error);
}

//#endregion

export { sendOnce };
