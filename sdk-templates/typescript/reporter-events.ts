// Only the text between the two region lines becomes part of the rendered client.

//#region rendered
/** What reporters use of pages and processes, without the types of either. */
interface EventSource {
  addEventListener(name: string, listener: () => void): void;
  removeEventListener(name: string, listener: () => void): void;
}
interface ProcessEvents {
  on(name: string, listener: () => void): void;
  off(name: string, listener: () => void): void;
}

/** Calls the listener when the page is hidden or closed. Returns undefined outside of pages, else what unsubscribes it. */
function onPageHidden(listener: () => void): (() => void) | undefined {
  const { document } = globalThis as { document?: EventSource & { visibilityState: string } };
  const page = globalThis as Partial<EventSource>;
  if (!document || !page.addEventListener) return undefined;
  const ifHidden = () => {
    if (document.visibilityState === 'hidden') listener();
  };
  document.addEventListener('visibilitychange', ifHidden);
  // Safari does not send the other event when the user leaves the page.
  page.addEventListener('pagehide', listener);
  return () => {
    document.removeEventListener('visibilitychange', ifHidden);
    page.removeEventListener?.('pagehide', listener);
  };
}

/** Calls the listener when a process has nothing left to do, and again if it did more since. Returns what unsubscribes it. */
function onProcessEnd(listener: () => void): () => void {
  const { process } = globalThis as { process?: Partial<ProcessEvents> };
  process?.on?.('beforeExit', listener);
  return () => process?.off?.('beforeExit', listener);
}

/** Starts a timer that does not keep a process running. Returns what stops it. */
function startTimer(listener: () => void, delayMs: number): () => void {
  // Longer delays would end at once.
  const timer = setTimeout(listener, Math.min(delayMs, 2_147_483_647));
  Object(timer).unref?.();
  return () => clearTimeout(timer);
}

//#endregion

export { onPageHidden, onProcessEnd, startTimer };
