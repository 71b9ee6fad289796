/** A start that takes longer says what it waits for. */
const ANNOUNCE_AFTER_MS = 3_000;

/** Runs a step of the start. If it takes long, logs once what the start waits for. */
export async function announcingWait<T>(
  log: { warn(message: string): void },
  what: string,
  step: () => Promise<T>,
): Promise<T> {
  const timer = setTimeout(() => log.warn(`The start waits for ${what}.`), ANNOUNCE_AFTER_MS).unref();
  try {
    return await step();
  } finally {
    clearTimeout(timer);
  }
}
