import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { operationsOf, type RegistryValues } from '../../codegen/document.ts';
import { digestOf, liveDocument, toJson } from '../../codegen/live.ts';
import { compileSdkTemplates } from '../../codegen/sdk/render.ts';
import { authored, registryValue } from '../support/contract.ts';
import { temporaryFolder } from '../support/database.ts';
import { HOSTILE } from '../support/hostile-texts.ts';
import { compile, REGISTRY_VALUES, typescriptPackage, typescriptSdk } from '../support/typescript-sdk.ts';

const folder = temporaryFolder('ihf-typescript-');
after(() => rmSync(folder, { recursive: true, force: true }));

/** Every text in every place that a registry fills, a name and a replacement included. */
const hostileVocabulary: RegistryValues = {
  ...REGISTRY_VALUES,
  event_types: [
    registryValue('clicked'),
    ...HOSTILE.map((text, index) => registryValue(`hostile_${index}`, { label: text, description: text })),
    ...HOSTILE.map((text) => registryValue(text, { status: 'deprecated', replaced_by: text, sunset_at: text })),
  ],
};

// A line that must not compile ends in what its error must name.
const user = (from: string) => `
import { EventTypes, IhfClient, isKnownValue, verifyWebhook } from '${from}';
import type { EventType, InteractionEvent, KnownEventType, StoredEventType, UnknownEventType, UnknownWidgetType } from '${from}';
const ihf = new IhfClient();
const widget_id = '01936f40-0d2e-7f6b-8a55-2f4f0f7e9a22';
export const event: InteractionEvent = await ihf.createInteractionEvent({ widget_id, event_type: 'clicked' });
export const read: StoredEventType = event.event_type;
export const known = read === 'tapped' || read === String(widget_id);
export function complete(type: StoredEventType) {
  switch (type) {
    case 'clicked': {
      const one: 'clicked' = type;
      return one;
    }
    case 'pressed':
    case 'tapped':
      return type;
    default: {
      const newer: UnknownEventType = type;
      return newer;
    }
  }
}
export function forgetful(type: StoredEventType): string {
  switch (type) {
    case 'clicked':
    case 'pressed':
      return type;
    default: {
      const newer: UnknownEventType = type; // refused: "tapped"
      return newer;
    }
  }
}
export const about = (type: string) => (isKnownValue(type, EventTypes) ? EventTypes[type].label : type);
export const newer = (type: StoredEventType) => {
  if (isKnownValue(type, EventTypes)) return type satisfies KnownEventType;
  return type satisfies UnknownEventType;
};
export const count: Record<KnownEventType, number> = { clicked: 1, pressed: 2 }; // refused: 'tapped'
export const misspelt = read === 'clickd'; // refused: no overlap
export const anyString: StoredEventType = String(read); // refused: 'string'
export const sent: EventType = read; // refused: StoredEventType
export const ofAnother: UnknownWidgetType = newer('x' as string as UnknownEventType); // refused: UnknownWidgetType
export const made = UnknownEventType.value; // refused: 'import type'
export const label: 'Clicked' = EventTypes.clicked.label;
export const word: EventType = 'pressed';
export const typo: EventType = 'clickd'; // refused: '"clickd"'
export const retired: EventType = 'tapped'; // refused: '"tapped"'
await ihf.createInteractionEvent({ widget_id, event_type: 'clickd' }); // refused: '"clickd"'
await ihf.createInteractionEvent({ widget_id, event_type: read }); // refused: StoredEventType
await ihf.createInteractionEvent({ widget_id }); // refused: InteractionEventCreate
await ihf.createInteractionEvent({ widget_id, event_type: 'clicked', colour: 'red' }); // refused: 'colour'
await ihf.createInteractionEvent({ widget_id, event_type: 'clicked', actor_id: undefined }, { idempotencyKey: 'k' });
await ihf.listInteractionEvents({ event_type: 'invented_tomorrow', limit: 5, cursor: undefined });
await ihf.listInteractionEvents({ limit: '5' }); // refused: type 'number'
await ihf.listInteractionEvents({ since: new Date() });
await ihf.createInteractionEvent({ widget_id, event_type: 'clicked', occurred_at: new Date() });
export const occurredAt: string = event.occurred_at;
await ihf.listInteractionEvents({}, { idempotencyKey: 'k' }); // refused: 'idempotencyKey'
await ihf.diffContractRevisions(); // refused: but got 0
await ihf.getHub(); // refused: but got 0
const message = await verifyWebhook('', {}, '');
if (message.type === 'widget.registered') message.data.key.trim();
export const wrong = message.type === 'widget.registred'; // refused: no overlap
switch (message.type) {
  case 'interaction.recorded':
    message.data.event_type.trim();
    message.data.widget_type; // refused: 'widget_type'
    break;
  default:
    message.type.trim(); // not every topic has a case
}
export const slug: string = (await ihf.getHub('id', { timeoutMs: 5 })).slug;
`;

const files = {
  'ihf-client.ts': typescriptSdk(),
  ...typescriptPackage(),
  'user.ts': user('./ihf-client.js'),
  'user-of-package.ts': user('./package/index.js'),
  'hostile/ihf-client.ts': typescriptSdk(hostileVocabulary),
  'empty/ihf-client.ts': typescriptSdk({}),
};
const refused = ['user-of-package.ts', 'user.ts'].flatMap((name) =>
  user('')
    .split('\n')
    .flatMap((line, index) => {
      const named = / \/\/ refused: (.+)$/.exec(line)?.[1];
      return named ? [{ place: `${name}:${index + 1}`, named }] : [];
    }),
);

describe('the TypeScript SDK', () => {
  for (const [compiler, globals] of [
    ['5.9', 'browser'],
    ['5.9', 'node'],
    ['7', 'browser'],
    ['7', 'node'],
  ] as const) {
    it(`compiles under strict with TypeScript ${compiler} for ${globals}, and rejects what the contract rejects`, async () => {
      const errors = await compile(join(folder, compiler, globals), files, compiler, globals);
      assert.deepEqual(
        errors.map(({ place }) => place),
        refused.map(({ place }) => place),
        JSON.stringify(errors, null, 2),
      );
      for (const [index, { message }] of errors.entries())
        assert.ok(message.includes(refused[index]?.named ?? ''), message);
    });
  }

  it('contains hostile values unchanged, without executing them', async () => {
    const out = join(folder, '7/node/out');
    const plain = await load(join(out, 'ihf-client.js'));
    const hostile = await load(join(out, 'hostile/ihf-client.js'));
    assert.deepEqual(Object.keys(hostile), Object.keys(plain));
    const { clicked: _, ...words } = hostile.EventTypes as Record<string, Record<string, unknown>>;
    for (const [index, text] of HOSTILE.entries()) {
      const about = { label: text, description: text, status: 'active', replacedBy: null, sunsetAt: null };
      assert.deepEqual(words[`hostile_${index}`], about);
      assert.equal(words[text]?.replacedBy, text);
    }
    assert.equal(Object.keys(words).length, 2 * HOSTILE.length);
  });

  it('exports this and nothing else', async () => {
    assert.deepEqual(Object.keys(await load(join(folder, '7/node/out/ihf-client.js'))), [
      'AlreadyExistsError',
      'AnnotationCategories',
      'BadRequestError',
      'CONTRACT_DIGEST',
      'CONTRACT_REVISION',
      'ConflictError',
      'ContentTooLargeError',
      'EventTypes',
      'ForbiddenError',
      'IdempotencyInFlightError',
      'IdempotencyKeyReusedError',
      'IhfApiError',
      'IhfBatchError',
      'IhfClient',
      'IhfConnectionError',
      'IhfError',
      'IhfTimeoutError',
      'InsufficientScopeError',
      'InternalError',
      'InvalidRequestError',
      'MethodNotAllowedError',
      'NotFoundError',
      'Registries',
      'Reporter',
      'ServerError',
      'TooManyRequestsError',
      'UnauthenticatedError',
      'UnavailableError',
      'UnimplementedError',
      'UnsupportedMediaTypeError',
      'WebhookVerificationError',
      'WidgetTypes',
      'isKnownValue',
      'isUsableValue',
      'signWebhook',
      'verifyWebhook',
    ]);
  });

  it('has a method for every operation of the contract, and no other', async () => {
    const { IhfClient } = await load(join(folder, '7/node/out/ihf-client.js'));
    const methods = Object.getOwnPropertyNames((IhfClient as { prototype: object }).prototype);
    const operations = [...operationsOf(authored)].map(({ operation }) => operation);
    const ids = operations.filter((each) => !each['x-ihf-protocol']).map(({ operationId }) => operationId);
    const built = /^(iterate|sendInteractionEvents$)/;
    assert.deepEqual(
      methods.filter((name) => !built.test(name)),
      ['constructor', ...ids],
    );
    assert.deepEqual(
      methods.filter((name) => built.test(name)),
      [
        'iterateHubs',
        'iterateWidgets',
        'iterateInteractionEvents',
        'sendInteractionEvents',
        'iterateAnnotations',
        'iterateWebhookSubscriptions',
        'iterateWebhookAttempts',
        'iterateRegistryValues',
        'iterateContractRevisions',
      ],
    );
  });

  it('says which contract it was rendered from', async () => {
    const sdk = await load(join(folder, '7/node/out/ihf-client.js'));
    assert.equal(sdk.CONTRACT_REVISION, 7);
    assert.equal(sdk.CONTRACT_DIGEST, digestOf(toJson(liveDocument(authored, REGISTRY_VALUES, 7))));
  });

  it('is the same bytes for the same contract, whatever the order of the rows', () => {
    const reversed = Object.entries(REGISTRY_VALUES).map(([name, words]) => [name, [...words].reverse()]);
    assert.equal(typescriptSdk(Object.fromEntries(reversed)), files['ihf-client.ts']);
  });

  it('marks a deprecated value for editors, with its replacement', () => {
    assert.match(
      files['ihf-client.ts'],
      / \* @deprecated Deprecated\. Use `clicked` instead\. Planned retirement: 2027-03-31T00:00:00\.000Z\.\n {3}\*\/\n {2}pressed: \{/,
    );
  });

  it('needs every template, and says which is missing', () => {
    assert.throws(() => compileSdkTemplates({}), /The SDK template [\w/.-]+ is missing/);
  });
});

async function load(path: string): Promise<Record<string, unknown>> {
  return { ...(await import(pathToFileURL(path).href)) };
}
