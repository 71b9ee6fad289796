import type { Scenario, ScriptedResponse } from './scenario.ts';

const token = (name: string, expiresIn = 900): ScriptedResponse => ({
  body: { access_token: name, token_type: 'Bearer', expires_in: expiresIn, scope: 'hub:widgets:read' },
});
const HUB = { id: 'h' };

const REFUSED: ScriptedResponse = {
  status: 401,
  body: { type: 'urn:ihf:problem:unauthenticated', title: 'Who calls is not known', status: 401 },
};
const getHub = { method: 'getHub', path: ['h'] };
const bearer = (name: string) => ({ headers: { authorization: `Bearer ${name}` } });
// 'ihf-client' and the secret, each form-encoded (RFC 6749, section 2.3.1).
const BASIC = `Basic ${Buffer.from('ihf-client:s3cr%3At%2F%2B').toString('base64')}`;
const client = { clientId: 'ihf-client', clientSecret: 's3cr:t/+' };

export const authentication: Scenario[] = [
  {
    name: 'an API key goes with every call',
    client: { apiKey: 'ihf_live_abc' },
    responses: { 'GET /api/v2/hubs/h': [{ body: HUB }] },
    calls: [getHub, getHub],
    outcomes: [{ value: HUB }, { value: HUB }],
    requests: { 'GET /api/v2/hubs/h': [bearer('ihf_live_abc'), bearer('ihf_live_abc')] },
  },
  {
    name: 'an operation without authentication gets no credential',
    client,
    responses: { 'GET /healthz': [{ body: { status: 'ok' } }] },
    calls: [{ method: 'getLiveness' }],
    outcomes: [{ value: { status: 'ok' } }],
    requests: { 'GET /healthz': [{ headers: { authorization: null } }] },
  },
  {
    name: 'without credentials nothing is proven',
    responses: { 'GET /api/v2/hubs/h': [{ body: HUB }] },
    calls: [getHub],
    outcomes: [{ value: HUB }],
    requests: { 'GET /api/v2/hubs/h': [{ headers: { authorization: null } }] },
  },
  {
    name: 'an Authorization header of the caller goes before the key',
    client: { apiKey: 'ihf_live_abc', headers: { Authorization: 'Bearer mine' } },
    responses: { 'GET /api/v2/hubs/h': [{ body: HUB }] },
    calls: [getHub],
    outcomes: [{ value: HUB }],
    requests: { 'GET /api/v2/hubs/h': [bearer('mine')] },
  },
  {
    name: 'a rejected key is not retried',
    client: { apiKey: 'ihf_live_abc' },
    responses: { 'GET /api/v2/hubs/h': [REFUSED] },
    calls: [getHub],
    outcomes: [{ error: 'UnauthenticatedError', status: 401, message: 'Who calls is not known (401)' }],
    requests: { 'GET /api/v2/hubs/h': [{}] },
  },
  {
    name: 'a token is fetched once for concurrent calls and used again',
    client,
    responses: { 'POST /api/v2/token': [{ ...token('t1'), delayMs: 50 }], 'GET /api/v2/hubs/h': [{ body: HUB }] },
    calls: Array(10).fill(getHub),
    together: true,
    outcomes: Array(10).fill({ value: HUB }),
    requests: {
      'POST /api/v2/token': [
        {
          headers: { authorization: BASIC, 'content-type': 'application/x-www-form-urlencoded' },
          body: 'grant_type=client_credentials',
        },
      ],
      'GET /api/v2/hubs/h': Array(10).fill(bearer('t1')),
    },
  },
  {
    name: 'a token is renewed before its end',
    client,
    responses: {
      'POST /api/v2/token': [token('t1', 0), token('t2', 61)],
      'GET /api/v2/hubs/h': [{ body: HUB }],
    },
    calls: [getHub, getHub, getHub],
    outcomes: [{ value: HUB }, { value: HUB }, { value: HUB }],
    requests: {
      'POST /api/v2/token': [{}, {}],
      'GET /api/v2/hubs/h': [bearer('t1'), bearer('t2'), bearer('t2')],
    },
  },
  {
    name: 'a rejected token is replaced and the call repeated, even if it is not idempotent',
    client,
    responses: {
      'POST /api/v2/token': [token('t1'), token('t2')],
      'PATCH /api/v2/widgets/w': [REFUSED, { body: { id: 'w' } }],
    },
    calls: [{ method: 'updateWidget', path: ['w'], body: { name: 'n' } }],
    outcomes: [{ value: { id: 'w' } }],
    requests: {
      'POST /api/v2/token': [{}, {}],
      'PATCH /api/v2/widgets/w': [bearer('t1'), { ...bearer('t2'), body: { name: 'n' } }],
    },
  },
  {
    name: 'a call is replayed once, not for ever',
    client,
    responses: { 'POST /api/v2/token': [token('t1'), token('t2')], 'GET /api/v2/hubs/h': [REFUSED] },
    calls: [getHub],
    outcomes: [{ error: 'UnauthenticatedError', status: 401 }],
    requests: { 'POST /api/v2/token': [{}, {}], 'GET /api/v2/hubs/h': [{}, {}] },
  },
  {
    name: 'calls that are rejected at the same time fetch one new token',
    client,
    responses: {
      'POST /api/v2/token': [token('t1'), { ...token('t2'), delayMs: 50 }],
      'GET /api/v2/hubs/h': [...Array(5).fill({ ...REFUSED, delayMs: 400 }), { body: HUB }],
    },
    calls: Array(5).fill(getHub),
    together: true,
    outcomes: Array(5).fill({ value: HUB }),
    requests: {
      'POST /api/v2/token': [{}, {}],
      'GET /api/v2/hubs/h': [...Array(5).fill(bearer('t1')), ...Array(5).fill(bearer('t2'))],
    },
  },
  {
    name: 'a rejected client gets the reason, in every waiting call',
    client,
    responses: {
      'POST /api/v2/token': [
        {
          status: 401,
          delayMs: 50,
          body: { error: 'invalid_client', error_description: 'The client id and secret are not known together' },
        },
      ],
    },
    calls: [getHub, getHub],
    together: true,
    outcomes: Array(2).fill({
      error: 'UnauthenticatedError',
      status: 401,
      message: 'invalid_client (401): The client id and secret are not known together',
    }),
    requests: { 'POST /api/v2/token': [{}] },
  },
  {
    name: 'a token request is tried again like any other',
    client,
    responses: {
      'POST /api/v2/token': [{ status: 503 }, token('t1')],
      'PATCH /api/v2/widgets/w': [{ body: { id: 'w' } }],
    },
    calls: [{ method: 'updateWidget', path: ['w'], body: { name: 'n' } }],
    outcomes: [{ value: { id: 'w' } }],
    requests: { 'POST /api/v2/token': [{}, {}], 'PATCH /api/v2/widgets/w': [bearer('t1')] },
  },
  {
    name: 'a caller that cannot wait for the token does not end it for the others',
    client,
    responses: {
      'POST /api/v2/token': [{ ...token('t1'), delayMs: 200 }],
      'GET /api/v2/hubs/h': [{ body: HUB }],
    },
    calls: [{ ...getHub, options: { timeoutMs: 50 } }, getHub],
    together: true,
    outcomes: [
      { error: 'IhfTimeoutError', message: '/^token request timed out after (50 ms|0\\.05 s)$/' },
      { value: HUB },
    ],
    requests: { 'POST /api/v2/token': [{}], 'GET /api/v2/hubs/h': [bearer('t1')] },
  },
  {
    name: 'a token response without a token is an error that quotes nothing',
    client,
    responses: { 'POST /api/v2/token': [{ body: { token: 'secret' } }] },
    calls: [getHub],
    outcomes: [{ error: 'IhfError', message: 'The token response has no access_token' }],
    requests: { 'POST /api/v2/token': [{}] },
  },
  {
    name: 'a page that echoes the request reveals no secret',
    client: { apiKey: 'ihf_live_abc', maxRetries: 0 },
    responses: { 'GET /api/v2/hubs/h': [{ status: 502, text: '<pre>Authorization: Bearer ihf_live_abc</pre>' }] },
    calls: [getHub],
    outcomes: [
      {
        error: 'ServerError',
        message: 'Bad Gateway (502): Unexpected response body: <pre>Authorization: Bearer …</pre>',
      },
    ],
    requests: { 'GET /api/v2/hubs/h': [{}] },
  },
  ...(
    [
      [{ apiKey: 'a', clientId: 'b', clientSecret: 'c' }, '/^pass either .*, not both$/'],
      [{ clientId: 'b' }, '/^pass client.* together$/'],
      [{ clientSecret: 'c' }, '/^pass client.* together$/'],
      [{ apiKey: 'a b' }, '/^api_?[kK]ey must be printable ASCII without spaces$/'],
      [{ apiKey: 'a\n' }, '/^api_?[kK]ey must be printable ASCII without spaces$/'],
      [{ clientId: 'a', clientSecret: 'é' }, '/^client_?[sS]ecret must be printable ASCII without spaces$/'],
    ] as const
  ).map(([options, message]) => ({
    name: `credentials are checked before they are used: ${JSON.stringify(options)}`,
    client: options,
    responses: {},
    calls: [getHub],
    outcomes: [{ error: '/^(Type|Value)Error$/', message }],
    requests: {},
  })),
];
