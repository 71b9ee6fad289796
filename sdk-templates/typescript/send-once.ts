// Only the text between the two region lines becomes part of the rendered client.
import { type Credential, withCredential } from './credentials.ts';
import { IhfConnectionError, IhfError } from './errors.ts';
import type { Fetch } from './fetch.ts';
import type { IhfRequest, IhfResponse } from './hooks.ts';
import type { Call } from './request.ts';
import { withTimeout } from './timeout.ts';

//#region rendered
/** Sends a request once and reads the response, whatever its status. */
async function sendOnce(
  fetch: Fetch,
  request: IhfRequest,
  credential: Credential | undefined,
  keepalive: boolean | undefined,
  timeoutMs: number,
  signal: AbortSignal | undefined,
  read: Call['read'],
): Promise<IhfResponse & { result?: unknown }> {
  const what = `${request.method} ${request.url}`;
  try {
    return await withTimeout(what, timeoutMs, signal, async (signal) => {
      const { url, ...sent } = credential ? withCredential(request, credential) : request;
      const response = await fetch(url, { ...sent, signal, ...(keepalive && { keepalive }) });
      const { status, statusText: reason, headers } = response;
      if (read && response.ok) return { status, reason, headers, body: '', result: await read(response) };
      return { status, reason, headers, body: await response.text() };
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
