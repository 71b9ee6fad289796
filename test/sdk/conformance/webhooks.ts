import { newKeyPair, type SigningKeys, signedHeaders } from '../../../server/webhooks/signature.ts';
import type { Outcome, Scenario } from './scenario.ts';

const SECRET = `whsec_${Buffer.from('a secret of thirty-two characters').toString('base64')}`;
const OTHER = `whsec_${Buffer.from('another one').toString('base64')}`;
const KEYS = newKeyPair();
const PUBLIC_KEY = KEYS.publicKey;
const OTHER_PUBLIC_KEY = newKeyPair().publicKey;
const MESSAGE = { type: 'interaction.recorded', timestamp: '2026-11-20T10:11:00.007Z', data: { name: 'Grüße 👍' } };
const BODY = JSON.stringify(MESSAGE);
const NOW = Math.floor(Date.now() / 1000);

/** What the hub itself sends. */
function headersOf({ body = BODY, timestamp = NOW, keys = [{ secret: SECRET }] as [SigningKeys, ...SigningKeys[]] }) {
  return signedHeaders({ id: 'msg_1', topic: MESSAGE.type, timestamp, body }, keys) as Record<string, string>;
}

const OK: Outcome = { value: MESSAGE };
const refused = (message: string): Outcome => ({ error: 'WebhookVerificationError', message, parents: ['IhfError'] });
const STALE = refused('the timestamp is outside the tolerance');
const FORGED = refused('no signature matches the given secret or public key');
const NO_SECRET = 'a webhook secret must be whsec_ and base64';
const NO_PUBLIC_KEY = 'a webhook public key must be whpk_ and base64 of 32 bytes';
const unfit = (message: string): Outcome => ({ error: '/^(Type|Value)Error$/', message });
const PARSED = unfit(
  '/^body must be the raw request body .*: the signature covers its bytes. Read it before it is parsed/',
);
const capitalized = (headers: Record<string, string>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]));
const missing = (name: string) => refused(`the header ${name} is missing`);
const without = (name: string) => ({ ...headersOf({}), [name]: '' });
const unsigned = (signature: string) => ({ ...headersOf({}), 'webhook-signature': signature });

/** Of an asymmetric subscription: a `v1` and a `v1a` signature. */
const asymmetric = headersOf({ keys: [{ secret: SECRET, privateKey: KEYS.privateKey }] });
/** The same with its `v1a` signature alone. */
const alone = { ...asymmetric, 'webhook-signature': asymmetric['webhook-signature']?.replace(/^v1,\S+ /, '') };
/** What anybody can make who knows the public key, and takes it for a secret. */
const confused = headersOf({ keys: [{ secret: PUBLIC_KEY.replace('whpk_', 'whsec_') }] });

const cases: [string, unknown[], Outcome][] = [
  ['signed by the hub is read', [BODY, headersOf({}), SECRET], OK],
  ['signed by one of several secrets is read', [BODY, headersOf({}), [OTHER, SECRET]], OK],
  [
    'with several signatures is read by either secret',
    [BODY, headersOf({ keys: [{ secret: OTHER }, { secret: SECRET }] }), SECRET],
    OK,
  ],
  ['with header names in any case is read', [BODY, capitalized(headersOf({})), SECRET], OK],
  ['with a parsed body is refused with the remedy', [MESSAGE, headersOf({}), SECRET], PARSED],
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
  ['of an asymmetric subscription is read by the public key', [BODY, asymmetric, PUBLIC_KEY], OK],
  ['of an asymmetric subscription is read by the secret', [BODY, asymmetric, SECRET], OK],
  ['with nothing but a v1a signature is read by the public key', [BODY, alone, PUBLIC_KEY], OK],
  ['is read by one of a secret and a public key', [BODY, asymmetric, [OTHER, PUBLIC_KEY]], OK],
  ['is read by one of a public key and a secret', [BODY, asymmetric, [OTHER_PUBLIC_KEY, SECRET]], OK],
  ['of another public key is refused', [BODY, asymmetric, OTHER_PUBLIC_KEY], FORGED],
  ['that was changed is refused by the public key', [`${BODY} `, asymmetric, PUBLIC_KEY], FORGED],
  [
    'of another time is refused by the public key',
    [BODY, { ...asymmetric, 'webhook-timestamp': `${NOW - 1}` }, PUBLIC_KEY],
    FORGED,
  ],
  ['without a v1a signature is refused by the public key', [BODY, headersOf({}), PUBLIC_KEY], FORGED],
  ['without a v1 signature is refused by the secret', [BODY, alone, SECRET], FORGED],
  ['signed with the public key as if it were a secret is refused', [BODY, confused, PUBLIC_KEY], FORGED],
  ['with a v1a signature that is no base64 is refused', [BODY, unsigned('v1a,%%% v1a, v1a,AAAA'), PUBLIC_KEY], FORGED],
  ...['', 'whsec_', 'c2VjcmV0', 'whsec_%', 'whsk_AAAA'].map((secret): [string, unknown[], Outcome] => {
    return [`is not compared with a secret that is none: '${secret}'`, [BODY, headersOf({}), secret], unfit(NO_SECRET)];
  }),
  ...['whpk_', 'whpk_%', 'whpk_AAAA'].map((key): [string, unknown[], Outcome] => {
    return [`is not compared with a public key that is none: '${key}'`, [BODY, asymmetric, key], unfit(NO_PUBLIC_KEY)];
  }),
  ['is not read where one of several is no secret', [BODY, headersOf({}), [SECRET, 'whsec_']], unfit(NO_SECRET)],
];

export const webhooks: Scenario[] = [
  ...cases.map(
    ([what, args, outcome]): Scenario => ({
      name: `a webhook message ${what}`,
      responses: {},
      calls: [{ function: true, method: 'verifyWebhook', path: args }],
      outcomes: [outcome],
      requests: {},
    }),
  ),
  {
    name: 'a signed test message equals that of the server',
    responses: {},
    calls: [
      { function: true, method: 'signWebhook', path: [MESSAGE, SECRET], options: { id: 'msg_1', timestamp: NOW } },
    ],
    outcomes: [{ value: { body: BODY, headers: headersOf({}) } }],
    requests: {},
  },
  {
    name: 'a public key signs nothing',
    responses: {},
    calls: [{ function: true, method: 'signWebhook', path: [MESSAGE, PUBLIC_KEY] }],
    outcomes: [unfit(NO_SECRET)],
    requests: {},
  },
];
