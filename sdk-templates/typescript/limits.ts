// Only what stands between the two region lines is put into the rendered client.
import { IhfTimeoutError } from './errors.ts';

//#region rendered
/** What setTimeout can hold; it fires at once for anything longer. */
const LONGEST_TIMEOUT_MS = 2_147_483_647;

/** Runs something until it ends, the time is over or the caller's signal says so, whether or not it heeds a signal. */
async function limited<T>(
  what: string,
  timeoutMs: number,
  signal: AbortSignal | undefined,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const controller = new AbortController();
  let stop: (reason: unknown) => void = () => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = (reason) => {
      reject(reason);
      controller.abort(reason);
    };
  });
  const abort = () => stop(signal?.reason);
  signal?.addEventListener('abort', abort);
  const late = () => stop(new IhfTimeoutError(`${what} took longer than ${Math.round(timeoutMs)} ms`));
  const timer = timeoutMs <= LONGEST_TIMEOUT_MS ? setTimeout(late, timeoutMs) : undefined;
  try {
    return await Promise.race([run(controller.signal), stopped]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

/** Waits, unless the caller's signal ends it. */
function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return limited('', Number.POSITIVE_INFINITY, signal, (ended) => {
    return new Promise((done) => {
      const timer = setTimeout(done, ms);
      // A timer that is left would keep the process alive.
      ended.addEventListener('abort', () => clearTimeout(timer));
    });
  });
}

//#endregion

export { limited, sleep };
