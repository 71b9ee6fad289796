import { setTimeout as sleep } from 'node:timers/promises';

type Truthy<T> = Exclude<T, false | 0 | '' | null | undefined>;

export interface WaitOptions {
  /** Milliseconds until the wait fails. Default: 30 000, enough for a machine under heavy load. */
  deadline?: number;
}

/** Waits until a condition returns something truthy and returns it. Fails with the description after the deadline. */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  description: string,
  { deadline = 30_000 }: WaitOptions = {},
): Promise<Truthy<T>> {
  const end = performance.now() + deadline;
  for (;;) {
    const result = await condition();
    if (result) return result as Truthy<T>;
    if (performance.now() > end) throw new Error(`Waited ${deadline} ms in vain: ${description}`);
    await sleep(10);
  }
}

/** Waits until the clock has advanced by two milliseconds. Ids and times of the API have a resolution of one. */
export async function clockTick(): Promise<void> {
  const before = Date.now();
  while (Date.now() < before + 2) await sleep(1);
}
