import type { IhfApiError } from '../../../sdk-templates/typescript/api-error.ts';
import type { IhfRequest, IhfResponse } from '../../../sdk-templates/typescript/hooks.ts';
import type { CallResult } from './check.ts';
import type { Call, Scenario } from './scenario.ts';

type Method = (...args: unknown[]) => unknown;
export interface Sdk {
  IhfClient: new (options: object) => Record<string, Method>;
  [name: string]: unknown;
}

/** Plays the calls of a scenario with the TypeScript SDK. */
export async function playTypescript(sdk: Sdk, scenario: Scenario, baseUrl: string): Promise<CallResult[]> {
  const log: string[] = [];
  const hooks = scenario.hooked ? hooksInto(log) : undefined;
  let client: Record<string, Method>;
  try {
    client = new sdk.IhfClient({ baseUrl, ...scenario.client, ...hooks?.ofClient });
  } catch (error) {
    return [failureOf(error)];
  }
  const functions = sdk as unknown as Record<string, Method>;
  const play = (call: Call) =>
    use(call.function ? functions : client, call, baseUrl, hooks?.ofCall).then((value) => ({ value }), failureOf);
  const results: CallResult[] = [];
  if (scenario.together) results.push(...(await Promise.all(scenario.calls.map(play))));
  else for (const call of scenario.calls) results.push(await play(call));
  return hooks ? [...results, { value: log }] : results;
}

function hooksInto(log: string[]) {
  let requests = 0;
  const answered =
    (who: string) =>
    ({ status, headers }: IhfResponse, { method }: IhfRequest) => {
      log.push(`${who}${status} of ${headers.get('X-Node')} to ${method}`);
    };
  return {
    ofClient: {
      async onRequest({ method, url, headers }: IhfRequest) {
        const seen = 'authorization' in headers ? 'seen' : 'not seen';
        log.push(`${method} ${new URL(url).pathname}, who calls is ${seen}`);
        requests += 1;
        headers['x-hook'] = String(requests);
      },
      onResponse: answered(''),
      onNewerContract: (revision: number) => log.push(`contract ${revision}`),
    },
    ofCall: { onResponse: answered('call: ') },
  };
}

async function use(
  client: Record<string, Method>,
  { method, path = [], body, query, options, cancelAfter }: Call,
  baseUrl: string,
  hooks: object | undefined,
) {
  const cancellation = cancelAfter === undefined ? {} : cancelled(cancelAfter, baseUrl);
  const args = [...path, ...(body === undefined ? [] : [body]), ...(query === undefined ? [] : [query])];
  const result = (client[method] as Method).call(client, ...args, { ...options, ...cancellation, ...hooks });
  if (!isIterable(result)) return await result;
  const items: unknown[] = [];
  for await (const item of result) items.push(item);
  return items;
}

/** The options of a call that is cancelled during its attempt, or while it waits for the next one. */
function cancelled(after: 'request' | 'response', baseUrl: string) {
  const controller = new AbortController();
  const { signal } = controller;
  if (after === 'request') {
    void fetch(`${baseUrl}/first-request`).then(() => controller.abort());
    return { signal };
  }
  // The hook runs before the client starts to wait: a timer runs after that.
  return { signal, onResponse: () => void setTimeout(() => controller.abort()) };
}

function isIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

function failureOf(error: unknown): CallResult {
  const { name, message, status, retryAfter, errors, requestId } = error as IhfApiError;
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
    ...(errors !== undefined && { errors }),
    ...(requestId !== undefined && { requestId }),
  };
}
