import type { Scenario, ScriptedResponse } from './scenario.ts';

const HUB = { id: 'h' };
const OK: ScriptedResponse = { body: HUB };
const getHub = { method: 'getHub', path: ['h'] };
const createWidget = { method: 'createWidget', body: { hub_id: 'h', key: 'k', widget_type: 'button', name: 'n' } };
const GET = 'GET /api/v2/hubs/h';
const POST = 'POST /api/v2/widgets';
const IN_FLIGHT: ScriptedResponse = {
  status: 409,
  body: { type: 'urn:ihf:problem:idempotency-in-flight', title: 'In flight', status: 409 },
};
/** A date in a header has whole seconds: this one is 1 to 2 seconds away. */
const inTwoSeconds = (): string => new Date(Date.now() + 2000).toUTCString();

const passing: [string, ScriptedResponse][] = [
  ['the connection is closed before the response', { instead: 'hang up' }],
  ['the connection is lost during the response', { instead: 'half' }],
  ...[408, 429, 500, 502, 503, 504].map((status): [string, ScriptedResponse] => [
    `the response is ${status}`,
    { status },
  ]),
  ['a request with the same key is in flight', IN_FLIGHT],
];
const lasting: [number, string, string][] = [
  [400, 'BadRequestError', 'malformed-request'],
  [404, 'NotFoundError', 'not-found'],
  [409, 'ConflictError', 'conflict'],
  [409, 'AlreadyExistsError', 'already-exists'],
  [422, 'InvalidRequestError', 'invalid-request'],
  [501, 'UnimplementedError', 'not-implemented'],
];

export const retries: Scenario[] = [
  ...passing.map(
    ([what, response]): Scenario => ({
      name: `a call is retried when ${what}`,
      responses: { [POST]: [response, OK] },
      calls: [createWidget],
      outcomes: [{ value: HUB }],
      requests: {
        [POST]: Array(2).fill({ body: createWidget.body, headers: { 'idempotency-key': '/^[0-9a-f-]{36}$/' } }),
      },
    }),
  ),
  ...lasting.map(
    ([status, error, type]): Scenario => ({
      name: `a call is not retried when the response is ${status} ${type}`,
      responses: { [POST]: [{ status, body: { type: `urn:ihf:problem:${type}`, title: 'No', status } }] },
      calls: [createWidget],
      outcomes: [{ error, status }],
      requests: { [POST]: [{}] },
    }),
  ),
  {
    name: 'a read is retried, without a key',
    responses: { [GET]: [{ status: 503 }, OK] },
    calls: [getHub],
    outcomes: [{ value: HUB }],
    requests: { [GET]: Array(2).fill({ headers: { 'idempotency-key': null } }) },
  },
  {
    name: 'an update without a key is not retried',
    responses: { 'PATCH /api/v2/widgets/w': [{ status: 503 }] },
    calls: [{ method: 'updateWidget', path: ['w'], body: { name: 'n' } }],
    outcomes: [{ error: 'ServerError', status: 503 }],
    requests: { 'PATCH /api/v2/widgets/w': [{}] },
  },
  {
    name: 'an update that a limit rejected is retried',
    responses: { 'PATCH /api/v2/widgets/w': [{ status: 429 }, { body: { id: 'w' } }] },
    calls: [{ method: 'updateWidget', path: ['w'], body: { name: 'n' } }],
    outcomes: [{ value: { id: 'w' } }],
    requests: { 'PATCH /api/v2/widgets/w': [{}, {}] },
  },
  {
    name: "the caller's own key is sent with every attempt",
    responses: { [POST]: [{ status: 503 }, OK] },
    calls: [{ ...createWidget, options: { idempotencyKey: 'mine' } }],
    outcomes: [{ value: HUB }],
    requests: { [POST]: Array(2).fill({ headers: { 'idempotency-key': 'mine' } }) },
  },
  {
    name: 'every call generates its own key',
    responses: { [POST]: [OK] },
    calls: [createWidget, createWidget],
    outcomes: [{ value: HUB }, { value: HUB }],
    requests: { [POST]: Array(2).fill({ headers: { 'idempotency-key': '/^[0-9a-f-]{36}$/' } }) },
    differ: { [POST]: 'idempotency-key' },
  },
  {
    name: 'after two retries the last error is thrown',
    responses: { [GET]: [{ status: 503 }, { status: 502 }, { status: 500 }] },
    calls: [getHub],
    outcomes: [{ error: 'ServerError', status: 500 }],
    requests: { [GET]: [{}, { after: { atLeast: 0, atMost: 900 } }, { after: { atLeast: 0, atMost: 1400 } }] },
  },
  {
    name: 'the client sets the number of retries, and the call overrides it',
    client: { maxRetries: 1 },
    responses: { [GET]: [{ status: 503 }] },
    calls: [getHub, { ...getHub, options: { maxRetries: 0 } }],
    outcomes: [
      { error: 'ServerError', status: 503 },
      { error: 'ServerError', status: 503 },
    ],
    requests: { [GET]: [{}, {}, {}] },
  },
  {
    name: 'Retry-After in seconds is respected',
    responses: { [GET]: [{ status: 429, headers: { 'Retry-After': '1' } }, OK] },
    calls: [getHub],
    outcomes: [{ value: HUB }],
    requests: { [GET]: [{}, { after: { atLeast: 995, atMost: 2000 } }] },
  },
  {
    name: 'Retry-After as a date is respected',
    responses: { [GET]: [{ status: 503, headers: { 'Retry-After': inTwoSeconds } }, OK] },
    calls: [getHub],
    outcomes: [{ value: HUB }],
    requests: { [GET]: [{}, { after: { atLeast: 950, atMost: 3000 } }] },
  },
  {
    name: 'Retry-After of more than a minute is reported instead of respected',
    responses: { [GET]: [{ status: 429, headers: { 'Retry-After': '61' } }] },
    calls: [getHub],
    outcomes: [{ error: 'TooManyRequestsError', status: 429, retryAfter: 61 }],
    requests: { [GET]: [{}] },
  },
  {
    name: 'an invalid Retry-After is ignored',
    responses: { [GET]: [{ status: 503, headers: { 'Retry-After': 'soon' } }, OK] },
    calls: [getHub],
    outcomes: [{ value: HUB }],
    requests: { [GET]: [{}, { after: { atLeast: 0, atMost: 900 } }] },
  },
  {
    name: 'an attempt that times out is retried',
    client: { timeoutMs: 600 },
    responses: { [GET]: [{ instead: 'silence' }, OK] },
    calls: [getHub],
    outcomes: [{ value: HUB }],
    requests: { [GET]: [{}, { after: { atLeast: 400, atMost: 2500 } }] },
  },
  {
    name: 'a response that never ends times out',
    client: { timeoutMs: 300, maxRetries: 0 },
    responses: { [GET]: [{ instead: 'dribble' }] },
    calls: [getHub],
    outcomes: [{ error: 'IhfTimeoutError', message: '/^GET http.*/api/v2/hubs/h timed out after (300 ms|0\\.3 s)$/' }],
    requests: { [GET]: [{}] },
  },
  {
    name: 'a call ends at its total timeout, even if retries are left',
    responses: { [GET]: [{ status: 503, headers: { 'Retry-After': '1' } }] },
    calls: [{ ...getHub, options: { totalTimeoutMs: 800 } }],
    outcomes: [{ error: 'ServerError', status: 503 }],
    requests: { [GET]: [{}] },
  },
  {
    name: 'an attempt gets at most the remaining time of the call',
    client: { totalTimeoutMs: 300 },
    responses: { [GET]: [{ instead: 'silence' }] },
    calls: [getHub],
    outcomes: [{ error: 'IhfTimeoutError' }],
    requests: { [GET]: [{}] },
  },
  {
    name: 'a cancelled call ends immediately, also between attempts',
    responses: { [GET]: [{ status: 503, headers: { 'Retry-After': '30' } }] },
    calls: [{ ...getHub, cancelAfter: 'response' }],
    outcomes: [{ error: '/^(AbortError|CancelledError)$/' }],
    requests: { [GET]: [{}] },
    not: ['python'],
  },
  {
    name: 'a call that is cancelled during an attempt ends immediately',
    responses: { [GET]: [{ instead: 'silence' }] },
    calls: [{ ...getHub, cancelAfter: 'request' }],
    outcomes: [{ error: '/^(AbortError|CancelledError)$/' }],
    requests: { [GET]: [{}] },
    not: ['python'],
  },
];
