// Only what stands between the two region lines is put into the rendered client.
import { IhfConnectionError, IhfError } from './errors.ts';
import type { IhfRequest, IhfResponse } from './hooks.ts';
import { limited } from './limits.ts';

//#region rendered
/** Sends a request once and reads its answer. The hub's refusal is an answer too. */
async function exchange(
  send: typeof globalThis.fetch,
  { method, url, headers, body }: IhfRequest,
  proof: string | undefined,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<IhfResponse> {
  const what = `${method} ${url}`;
  try {
    return await limited(what, timeoutMs, signal, async (signal) => {
      // The hooks do not see it: they are where things are logged.
      const sent = proof ? { ...headers, authorization: proof } : headers;
      const response = await send(url, { method, headers: sent, body, signal });
      const { status, statusText: reason, headers: answered } = response;
      return { status, reason, headers: answered, body: await response.text() };
    });
  } catch (cause) {
    if (signal?.aborted || cause instanceof IhfError) throw cause;
    throw new IhfConnectionError(`${what} failed: ${reasonOf(cause)}`, { cause });
  }
}

/** `fetch` says no more than "fetch failed"; why is in the innermost cause. */
function reasonOf(error: unknown): string {
  const { cause, message, code, name } = Object(error);
  return cause instanceof Error ? reasonOf(cause) : message || code || name || String(error);
}

//#endregion

export { exchange };
