import type { Told } from './check.ts';
import type { Call, Scenario } from './scenario.ts';

type Method = (...args: unknown[]) => unknown;
export interface Sdk {
  IhfClient: new (options: object) => Record<string, Method>;
}

/** Plays the calls of a scenario with the TypeScript SDK. */
export async function playTypescript(sdk: Sdk, { client: options, calls, together }: Scenario, baseUrl: string) {
  let client: Record<string, Method>;
  try {
    client = new sdk.IhfClient({ baseUrl, ...options });
  } catch (error) {
    return [tell(error)];
  }
  const play = (call: Call) => use(client, call).then((value) => ({ value }), tell);
  if (together) return Promise.all(calls.map(play));
  const told: Told[] = [];
  for (const call of calls) told.push(await play(call));
  return told;
}

async function use(client: Record<string, Method>, { method, path = [], body, query, options }: Call) {
  const { abortAfterMs, ...given } = options ?? {};
  const signal = abortAfterMs === undefined ? {} : { signal: AbortSignal.timeout(abortAfterMs as number) };
  const args = [...path, ...(body === undefined ? [] : [body]), ...(query === undefined ? [] : [query])];
  const result = (client[method] as Method).call(client, ...args, { ...given, ...signal });
  if (!isIterable(result)) return await result;
  const items: unknown[] = [];
  for await (const item of result) items.push(item);
  return items;
}

function isIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

function tell(error: unknown): Told {
  const { name, message, status, retryAfter } = error as Error & { status?: number; retryAfter?: number };
  const parents: string[] = [];
  for (let parent = Object.getPrototypeOf(error); parent; parent = Object.getPrototypeOf(parent)) {
    parents.push(parent.constructor.name);
  }
  return {
    error: name,
    parents,
    message,
    ...(status !== undefined && { status }),
    ...(retryAfter !== undefined && { retryAfter }),
  };
}
