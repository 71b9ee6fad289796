// Only the text between the two region lines becomes part of the rendered client.
import { IhfTimeoutError } from './errors.ts';

//#region rendered
/** Maximum delay of setTimeout, which fires immediately for longer ones. */
const MAX_TIMEOUT_MS = 2_147_483_647;

/**
 * Runs a function until it settles, the timeout expires or the signal aborts, even if the function ignores its signal.
 *
 * @param what Subject of the timeout error. Undefined: the promise is fulfilled when the timeout expires.
 */
async function withTimeout<T>(
  what: string | undefined,
  timeoutMs: number,
  signal: AbortSignal | undefined,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const controller = new AbortController();
  let abort = () => {};
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    return await new Promise<T>((done, fail) => {
      abort = () => fail(signal?.reason);
      signal?.addEventListener('abort', abort);
      const onTimeout = () => {
        if (what === undefined) done(undefined as T);
        else fail(new IhfTimeoutError(`${what} timed out after ${Math.round(timeoutMs)} ms`));
      };
      if (timeoutMs <= MAX_TIMEOUT_MS) timer = setTimeout(onTimeout, timeoutMs);
      run(controller.signal).then(done, fail);
    });
  } catch (reason) {
    controller.abort(reason);
    throw reason;
  } finally {
    // Cloudflare Workers declare no undefined timer.
    if (timer !== undefined) clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

/** Waits until the time has passed or the signal aborts. */
function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return withTimeout(undefined, ms, signal, () => new Promise(() => {}));
}

//#endregion

export { sleep, withTimeout };
