import { SDK_ERRORS } from '../../../codegen/sdk/problems.ts';
import type { Scenario } from './scenario.ts';

const GET = 'GET /api/v2/hubs/h';
const getHub = { method: 'getHub', path: ['h'] };
const HUB = { id: 'h' };

const FAILURES = [
  { pointer: '#/event_type', code: 'unknown_value', detail: "Did you mean 'clicked'?", suggestion: 'clicked' },
  { parameter: 'limit', code: 'maximum', detail: 'At most 200.' },
];

/** What the SDKs make of responses: errors by type and status, hooks, and the word of a newer contract. */
export const responses: Scenario[] = [
  ...SDK_ERRORS.map(
    ({ name, parent, status = 418, type }): Scenario => ({
      name: `${type ?? status} is a ${name}`,
      client: { maxRetries: 0 },
      responses: { [GET]: [{ status, body: { type: type ?? 'about:blank', title: 'No', status } }] },
      calls: [getHub],
      outcomes: [{ error: name, status, message: `No (${status})`, parents: [parent, 'IhfApiError', 'IhfError'] }],
      requests: { [GET]: [{}] },
    }),
  ),
  {
    name: 'an unknown status is an IhfApiError',
    responses: { [GET]: [{ status: 418, body: { type: 'constructor', title: 'No', status: 418 } }] },
    calls: [getHub],
    outcomes: [{ error: 'IhfApiError', status: 418 }],
    requests: { [GET]: [{}] },
  },
  {
    name: 'an error lists every validation issue with its location',
    responses: {
      [GET]: [
        {
          status: 422,
          headers: { 'X-Request-Id': 'r-1' },
          body: { type: 'urn:ihf:problem:invalid-request', title: 'No', status: 422, detail: 'Two.', errors: FAILURES },
        },
      ],
    },
    calls: [getHub],
    outcomes: [
      {
        error: 'InvalidRequestError',
        message: "No (422): Two.\n  #/event_type: Did you mean 'clicked'?\n  limit: At most 200.",
        errors: FAILURES,
        requestId: 'r-1',
      },
    ],
    requests: { [GET]: [{}] },
  },
  {
    name: 'a hook can change the headers of every attempt, and gets every response but no secret',
    client: { apiKey: 'ihf_live_abc', headers: { 'X-Mine': 'client' } },
    hooked: true,
    responses: {
      [GET]: [
        { status: 503, headers: { 'X-Node': 'a' } },
        { body: HUB, headers: { 'X-Node': 'b' } },
      ],
    },
    calls: [{ ...getHub, options: { headers: { 'x-mine': 'call' } } }],
    outcomes: [
      { value: HUB },
      {
        value: [
          'GET /api/v2/hubs/h, who calls is not seen',
          '503 of a to GET',
          'call: 503 of a to GET',
          'GET /api/v2/hubs/h, who calls is not seen',
          '200 of b to GET',
          'call: 200 of b to GET',
        ],
      },
    ],
    requests: {
      [GET]: [
        { headers: { 'x-hook': '1', 'x-mine': 'call', authorization: 'Bearer ihf_live_abc' } },
        { headers: { 'x-hook': '2', 'x-mine': 'call', authorization: 'Bearer ihf_live_abc' } },
      ],
    },
  },
  {
    name: 'hooks do not get the token request',
    client: { clientId: 'id', clientSecret: 'secret' },
    hooked: true,
    responses: {
      'POST /api/v2/token': [{ body: { access_token: 't1', expires_in: 900 } }],
      [GET]: [{ body: HUB, headers: { 'X-Node': 'a' } }],
    },
    calls: [getHub],
    outcomes: [
      { value: HUB },
      { value: ['GET /api/v2/hubs/h, who calls is not seen', '200 of a to GET', 'call: 200 of a to GET'] },
    ],
    requests: { 'POST /api/v2/token': [{ headers: { 'x-hook': null } }], [GET]: [{ headers: { 'x-hook': '1' } }] },
  },
  {
    name: 'a newer contract is reported once',
    hooked: true,
    responses: {
      [GET]: [7, 8, 9].map((revision) => ({
        body: HUB,
        headers: { 'IHF-Contract-Revision': String(revision), 'X-Node': 'a' },
      })),
    },
    calls: [getHub, getHub, getHub],
    outcomes: [
      { value: HUB },
      { value: HUB },
      { value: HUB },
      {
        value: ['', 'contract 8', ''].flatMap((revision) => [
          'GET /api/v2/hubs/h, who calls is not seen',
          ...(revision ? [revision] : []),
          '200 of a to GET',
          'call: 200 of a to GET',
        ]),
      },
    ],
    requests: { [GET]: [{}, {}, {}] },
  },
  {
    name: 'the SDK sends its language and revision',
    responses: { [GET]: [{ body: HUB }] },
    calls: [getHub],
    outcomes: [{ value: HUB }],
    requests: { [GET]: [{ headers: { 'ihf-sdk': '/^(typescript|python); revision=7$/' } }] },
  },
  {
    name: 'the SDK is the user agent',
    responses: { [GET]: [{ body: HUB }] },
    calls: [getHub],
    outcomes: [{ value: HUB }],
    requests: {
      [GET]: [{ headers: { 'user-agent': '/^ihf-client\\/2\\.0\\.7 (typescript|python\\/3\\.\\d+)$/' } }],
    },
    not: ['browser'],
  },
];
