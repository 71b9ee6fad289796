import { type SigningKeys, signedHeaders } from '../../../server/webhooks/signature.ts';
import type { Outcome, Scenario } from './scenario.ts';

const SECRET = `whsec_${Buffer.from('a secret of thirty-two characters').toString('base64')}`;
const OTHER = `whsec_${Buffer.from('another one').toString('base64')}`;
const MESSAGE = { type: 'interaction.recorded', timestamp: '2026-11-20T10:11:00.007Z', data: { name: 'Grüße 👍' } };
const BODY = JSON.stringify(MESSAGE);
const NOW = Math.floor(Date.now() / 1000);

/** What the hub itself sends. */
function headersOf({ body = BODY, timestamp = NOW, keys = [{ secret: SECRET }] as [SigningKeys, ...SigningKeys[]] }) {
  return signedHeaders({ id: 'msg_1', topic: MESSAGE.type, timestamp, body }, keys) as Record<string, string>;
}

const OK: Outcome = { value: MESSAGE };
const refused = (message: string): Outcome => ({ error: 'WebhookVerificationError', message, parents: ['IhfError'] });
const STALE = refused('the message is too old, or its timestamp is ahead of this clock');
const FORGED = refused('no signature of the message is by this secret');
const missing = (name: string) => refused(`the header ${name} is missing`);
const without = (name: string) => ({ ...headersOf({}), [name]: '' });
const unsigned = (signature: string) => ({ ...headersOf({}), 'webhook-signature': signature });

const cases: [string, unknown[], Outcome][] = [
  ['signed by the hub is read', [BODY, headersOf({}), SECRET], OK],
  ['signed by one of several secrets is read', [BODY, headersOf({}), [OTHER, SECRET]], OK],
  [
    'with several signatures is read by either secret',
    [BODY, headersOf({ keys: [{ secret: OTHER }, { secret: SECRET }] }), SECRET],
    OK,
  ],
  ['of another secret is refused', [BODY, headersOf({}), OTHER], FORGED],
  ['that was changed is refused', [`${BODY} `, headersOf({}), SECRET], FORGED],
  ['of another id is refused', [BODY, { ...headersOf({}), 'webhook-id': 'msg_2' }, SECRET], FORGED],
  ['with another version of signature is refused', [BODY, unsigned('v2,AAAA v1a,BBBB'), SECRET], FORGED],
  ['with a signature that is no base64 is refused', [BODY, unsigned('v1,%%% v1,'), SECRET], FORGED],
  ['of five minutes ago is read', [BODY, headersOf({ timestamp: NOW - 200 }), SECRET], OK],
  ['that is older is refused', [BODY, headersOf({ timestamp: NOW - 301 }), SECRET], STALE],
  ['from the future is refused', [BODY, headersOf({ timestamp: NOW + 600 }), SECRET], STALE],
  ['without a time is refused', [BODY, { ...headersOf({}), 'webhook-timestamp': 'now' }, SECRET], STALE],
  ...['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name): [string, unknown[], Outcome] => {
    return [`without ${name} is refused`, [BODY, without(name), SECRET], missing(name)];
  }),
  ...['', 'whsec_', 'c2VjcmV0', 'whsec_%'].map((secret): [string, unknown[], Outcome] => [
    `is not compared with a secret that is none: '${secret}'`,
    [BODY, headersOf({}), secret],
    { error: '/^(Type|Value)Error$/', message: 'a webhook secret is whsec_ and base64' },
  ]),
];

export const webhooks: Scenario[] = [
  ...cases.map(
    ([what, args, outcome]): Scenario => ({
      name: `a webhook message ${what}`,
      answers: {},
      calls: [{ function: true, method: 'verifyWebhook', path: args }],
      outcomes: [outcome],
      requests: {},
    }),
  ),
  {
    name: 'a signed test message is what the hub would send',
    answers: {},
    calls: [
      { function: true, method: 'signWebhook', path: [MESSAGE, SECRET], options: { id: 'msg_1', timestamp: NOW } },
    ],
    outcomes: [{ value: { body: BODY, headers: headersOf({}) } }],
    requests: {},
  },
];
