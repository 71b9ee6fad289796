import type { IhfApiError } from '../../../sdk-templates/typescript/errors.ts';
import type { IhfRequest, IhfResponse } from '../../../sdk-templates/typescript/hooks.ts';
import type { Told } from './check.ts';
import type { Call, Scenario } from './scenario.ts';

type Method = (...args: unknown[]) => unknown;
export interface Sdk {
  IhfClient: new (options: object) => Record<string, Method>;
  [name: string]: unknown;
}

/** Plays the calls of a scenario with the TypeScript SDK. */
export async function playTypescript(sdk: Sdk, scenario: Scenario, baseUrl: string): Promise<Told[]> {
  const log: string[] = [];
  const hooks = scenario.hooked ? hooksInto(log) : undefined;
  let client: Record<string, Method>;
  try {
    client = new sdk.IhfClient({ baseUrl, ...scenario.client, ...hooks?.ofClient });
  } catch (error) {
    return [tell(error)];
  }
  const functions = sdk as unknown as Record<string, Method>;
  const play = (call: Call) =>
    use(call.function ? functions : client, call, hooks?.ofCall).then((value) => ({ value }), tell);
  const told: Told[] = [];
  if (scenario.together) told.push(...(await Promise.all(scenario.calls.map(play))));
  else for (const call of scenario.calls) told.push(await play(call));
  return hooks ? [...told, { value: log }] : told;
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
  { method, path = [], body, query, options }: Call,
  hooks: object | undefined,
) {
  const { abortAfterMs, ...given } = options ?? {};
  const signal = abortAfterMs === undefined ? {} : { signal: AbortSignal.timeout(abortAfterMs as number) };
  const args = [...path, ...(body === undefined ? [] : [body]), ...(query === undefined ? [] : [query])];
  const result = (client[method] as Method).call(client, ...args, { ...given, ...signal, ...hooks });
  if (!isIterable(result)) return await result;
  const items: unknown[] = [];
  for await (const item of result) items.push(item);
  return items;
}

function isIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

function tell(error: unknown): Told {
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
