// Only what stands between the two region lines is put into the rendered client.
import { IhfTimeoutError } from './errors.ts';

//#region rendered
/** What setTimeout can hold; it fires at once for anything longer. */
const LONGEST_TIMEOUT_MS = 2_147_483_647;

/**
 * Runs something until it ends, the time is over or the caller's signal says so, whether or not it heeds a signal.
 * @param what What takes too long when the time is over; without it, that is no failure.
 */
async function limited<T>(
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
      const late = () => {
        if (what === undefined) done(undefined as T);
        else fail(new IhfTimeoutError(`${what} took longer than ${Math.round(timeoutMs)} ms`));
      };
      if (timeoutMs <= LONGEST_TIMEOUT_MS) timer = setTimeout(late, timeoutMs);
      run(controller.signal).then(done, fail);
    });
  } catch (reason) {
    controller.abort(reason);
    throw reason;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

/** Waits, unless the caller's signal ends it. */
function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return limited(undefined, ms, signal, () => new Promise(() => {}));
}

//#endregion

export { limited, sleep };
