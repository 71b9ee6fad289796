import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';
import { diffDocuments } from '../../codegen/diff.ts';
import {
  type Document,
  deref,
  isBinary,
  type MediaType,
  type Operation,
  operationsOf,
  type RegistryValues,
  type Response,
  resolve,
  type Schema,
} from '../../codegen/document.ts';
import { liveDocument, toJson, toYaml } from '../../codegen/live.ts';
import { SDK_ERRORS } from '../../codegen/sdk/problems.ts';
import { authored, REGISTRIES, randomNumbers, registryValue } from '../support/contract.ts';
import { lintWithRedocly, lintWithSpectral } from '../support/lint.ts';

const WORDS: RegistryValues = {
  registries: REGISTRIES,
  widget_types: [registryValue('button'), registryValue('link')],
  event_types: [
    registryValue('clicked', { description: 'Pressed and released: "click".' }),
    registryValue('on'),
    registryValue('hovered'),
  ],
  annotation_categories: [registryValue('bug'), registryValue('praise')],
};
const sunset = { replaced_by: 'hovered', sunset_at: '2027-03-31T00:00:00.000Z' };
const DEPRECATED = withEvents([
  registryValue('clicked', { status: 'deprecated', ...sunset }),
  registryValue('hovered'),
]);
const RETIRED: RegistryValues = {
  registries: REGISTRIES,
  widget_types: [registryValue('button', { status: 'retired' }), registryValue('link')],
  event_types: [registryValue('clicked', { status: 'retired', ...sunset }), registryValue('hovered')],
  annotation_categories: [
    registryValue('bug', { status: 'retired' }),
    registryValue('praise', { status: 'deprecated' }),
  ],
};
const NO_EVENTS = withEvents([registryValue('clicked', { status: 'retired' })]);

const REGISTRY_VALUE_SETS: Record<string, RegistryValues> = {
  'active words': WORDS,
  'a deprecated word': DEPRECATED,
  'the words of the authored examples retired': RETIRED,
  'every word of a registry retired': NO_EVENTS,
  'no words at all': { registries: REGISTRIES },
};

for (const [name, registryValues] of Object.entries(REGISTRY_VALUE_SETS)) {
  describe(`the published document with ${name}`, () => {
    const document = liveDocument(authored, registryValues, 7);

    it("passes Redocly's recommended rules without a warning", async () => {
      assert.deepEqual(await lintWithRedocly(toJson(document)), []);
    });

    it("passes Spectral's recommended rules without a warning", async () => {
      assert.deepEqual(await lintWithSpectral(toJson(document)), []);
    });

    it('has examples that validate', () => {
      const ajv = addFormats.default(new Ajv2020({ strict: false, allErrors: true }));
      ajv.addSchema({ $id: 'contract', components: document.components });
      for (const { place, media } of bodiesOf(document)) {
        const validate = ajv.compile({ $ref: `contract${media.schema.$ref}` });
        for (const [example, { value }] of Object.entries(media.examples ?? {})) {
          assert.ok(validate(value), `${place}, ${example}: ${ajv.errorsText(validate.errors)}`);
        }
      }
    });

    it('is the same bytes in every rendering and for every order of the rows', () => {
      const random = randomNumbers(7);
      for (let round = 0; round < 5; round++) {
        const again = liveDocument(authored, shuffled(registryValues, random), 7);
        assert.equal(toJson(again), toJson(document));
        assert.equal(toYaml(again), toYaml(document));
      }
    });

    it('is one document as JSON and as YAML, for readers of YAML 1.1 too', () => {
      for (const version of ['1.2', '1.1'] as const) {
        const read = parse(toYaml(document), { version, maxAliasCount: 0 });
        assert.equal(`${JSON.stringify(read, null, 2)}\n`, toJson(document));
      }
    });

    it('refers to top-level components only', () => {
      for (const [, reference] of toJson(document).matchAll(/"\$ref": "(.*)"/g)) {
        const [kind, part] = /^#\/components\/(\w+)\/(\w+)$/.exec(reference as string)?.slice(1) ?? [];
        const parts = (document.components as unknown as Record<string, object>)[kind as string];
        assert.ok(parts && Object.hasOwn(parts, part as string), reference);
      }
    });
  });
}

describe('the published document', () => {
  const document = liveDocument(authored, RETIRED, 7);

  it('has an example for every body that an operation takes or gives', () => {
    for (const { place, media } of bodiesOf(document)) {
      if (isBinary(document, media)) continue;
      assert.ok(Object.keys(media.examples ?? {}).length > 0, `${place} has no example`);
    }
  });

  it('has names and descriptions for every value of every enum', () => {
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      if (!schema.enum) continue;
      const names = schema['x-enum-varnames'] ?? [];
      assert.equal(schema['x-enum-descriptions']?.filter(Boolean).length, schema.enum.length, name);
      assert.deepEqual([new Set(names).size, names.length], [schema.enum.length, schema.enum.length], name);
      for (const each of names) assert.match(each, /^[A-Z][A-Z0-9_]*$/, name);
    }
  });

  it('describes every property, and has an example for every parameter', () => {
    const undescribed = Object.entries(document.components.schemas).flatMap(([name, { properties = {} }]) =>
      Object.entries(properties)
        .filter(([, property]) => !property.description && !deref<Schema>(document, property as never).description)
        .map(([property]) => `${name}.${property}`),
    );
    assert.deepEqual(undescribed, []);
    const ajv = addFormats.default(new Ajv2020({ strict: false }));
    ajv.addSchema({ $id: 'contract', components: document.components });
    for (const [name, { example, schema, description }] of Object.entries(document.components.parameters)) {
      assert.ok(description, `${name} has no description`);
      const { $ref, ...rest } = schema;
      const validate = ajv.compile($ref ? { $ref: `contract${$ref}` } : rest);
      assert.ok(validate(example), `${name}, ${JSON.stringify(example)}: ${ajv.errorsText(validate.errors)}`);
    }
  });

  it('has no name in two kinds of components: generators make one type of each', () => {
    const names = Object.values(document.components).flatMap((kind) => Object.keys(kind as object));
    assert.deepEqual(
      names.filter((name, index) => names.indexOf(name) !== index),
      [],
    );
  });

  it('has only open lists of values in responses and messages, so that a new value does not fail strict clients', () => {
    assert.deepEqual([...closedLists(document)], []);
    const faulty = structuredClone(document);
    Object.assign(faulty.components.schemas.StoredAnnotationStatus as object, { enum: ['open', 'resolved'] });
    assert.deepEqual([...closedLists(faulty)], ['StoredAnnotationStatus']);
  });

  it('lists every problem type as an open enum', () => {
    const { type } = document.components.schemas.Problem?.properties ?? {};
    const types = SDK_ERRORS.flatMap((error) => error.type ?? []);
    assert.deepEqual([...(type?.['x-extensible-enum'] ?? [])].sort(), types.sort());
    assert.equal(type?.enum, undefined);
  });

  it('has samples for every operation: curl, and both SDKs where they have a method', () => {
    for (const { operation } of operationsOf(document)) {
      const labels = operation['x-codeSamples']?.map(({ label }) => label);
      const expected = operation['x-ihf-protocol'] ? ['curl'] : ['curl', 'TypeScript', 'Python'];
      assert.deepEqual(labels, expected, operation.operationId);
    }
  });

  it('names the URL of the installation as its server', () => {
    const url = 'https://hub.example.com/ihf';
    const moved = liveDocument(authored, RETIRED, 7, { publicUrl: url });
    assert.deepEqual(
      (moved.servers as { url: string }[]).map((server) => server.url),
      [url],
    );
    assert.deepEqual(diffDocuments(document, moved), []);
  });

  it('has a version that moves with the revision', () => {
    assert.equal(document.info.version, '2.0.7');
    assert.equal(liveDocument(authored, WORDS, 8).info.version, '2.0.8');
  });

  it('leaves no schema to be named by a generator', () => {
    assert.deepEqual([...unnamedSchemas(document)], []);
    const faulty = structuredClone(document);
    Object.assign(faulty.components.schemas.Hub?.properties ?? {}, {
      owner: { type: 'object', properties: { name: { type: 'string' } } },
      kinds: { type: 'array', items: { type: 'string', enum: ['shop', 'site'] } },
      either: { oneOf: [{ type: 'string' }, { type: 'integer' }] },
    });
    assert.deepEqual(
      [...unnamedSchemas(faulty)],
      ['owner', 'kinds/items', 'either'].map((place) => `/components/schemas/Hub/properties/${place}`),
    );
  });

  it('has no tag both of operations and of messages: generators make one class of each', () => {
    const tags = (operations: Operation[]) => new Set(operations.flatMap((operation) => operation.tags));
    const called = tags([...operationsOf(document)].map(({ operation }) => operation));
    const sent = tags(Object.values(document.webhooks ?? {}).map(({ post }) => post));
    assert.deepEqual(
      [...sent].filter((tag) => called.has(tag)),
      [],
    );
  });

  it('has only accepted values in the examples of requests', () => {
    const content = document.paths['/api/v2/interaction-events']?.post?.requestBody?.content;
    assert.deepEqual(
      Object.values(content?.['application/json']?.examples ?? {}).map(
        ({ value }) => (value as { event_type: string }).event_type,
      ),
      ['hovered'],
    );
  });

  it('accepts no value and has no example if every value is retired', () => {
    const { paths, components } = liveDocument(authored, NO_EVENTS, 7);
    assert.deepEqual([components.schemas.EventType?.enum, components.schemas.EventType?.not], [undefined, {}]);
    const { post } = paths['/api/v2/interaction-events'] ?? {};
    assert.equal(post?.requestBody?.content['application/json']?.examples, undefined);
  });

  it('is really looked at: both rule sets tell a fault', async () => {
    const faulty = liveDocument(authored, WORDS, 7);
    Object.assign(faulty.components.schemas.Hub?.properties?.name as object, { type: 'text' });
    assert.match((await lintWithRedocly(toJson(faulty))).join('\n'), /^error .*Hub/);
    assert.match((await lintWithSpectral(toJson(faulty))).join('\n'), /Hub\/properties\/name\/type/);
  });

  it('leaves the authored document as it was', () => {
    const before = JSON.stringify(authored);
    liveDocument(authored, WORDS, 8);
    assert.equal(JSON.stringify(authored), before);
  });
});

/** Inline schemas for which a generator has to find a type and a name: `HubOwner`, or `InlineObject1`. */
function* unnamedSchemas(value: unknown, place = '', isSchema = false): Generator<string> {
  if (value === null || typeof value !== 'object') return;
  const schema = value as Schema;
  const composed = ['allOf', 'anyOf', 'oneOf'].some((keyword) => keyword in schema);
  // An enum of one value tells a message from the others.
  const typed = schema.properties !== undefined || (schema.enum?.length ?? 0) > 1 || composed;
  if (isSchema && typed && !/^\/components\/schemas\/\w+$/.test(place)) yield place;
  const holdsNames = /\/(properties|schemas)$/.test(place);
  for (const [key, child] of Object.entries(value)) {
    if (!holdsNames && (key === 'examples' || key.startsWith('x-'))) continue;
    const holdsSchema = holdsNames || ['schema', 'items', 'additionalProperties'].includes(key);
    yield* unnamedSchemas(child, `${place}/${key}`, holdsSchema);
  }
}

/** The schemas of responses and messages that allow several fixed values. A single value is a constant that names the message. */
function closedLists(document: Document): Set<string> {
  const found = new Set<string>();
  const seen = new Set<unknown>();
  const walk = (value: unknown, place: string): void => {
    if (value === null || typeof value !== 'object' || seen.has(value)) return;
    seen.add(value);
    const { $ref, enum: values } = value as Schema;
    if (values && values.length > 1) found.add(place);
    if (typeof $ref === 'string') walk(resolve(document, $ref), $ref.split('/').at(-1) as string);
    for (const [key, child] of Object.entries(value)) if (key !== 'examples') walk(child, place);
  };
  for (const { operation } of operationsOf(document)) walk(operation.responses, operation.operationId);
  for (const { post } of Object.values(document.webhooks ?? {})) walk(post.requestBody, post.operationId);
  return found;
}

function withEvents(event_types: RegistryValues[string]): RegistryValues {
  return { ...WORDS, event_types };
}

function* bodiesOf(document: Document): Generator<{ place: string; media: MediaType }> {
  for (const { operation } of operationsOf(document)) {
    const place = operation.operationId;
    for (const media of Object.values(operation.requestBody?.content ?? {})) yield { place, media };
    for (const [status, response] of Object.entries(operation.responses)) {
      for (const media of Object.values(deref<Response>(document, response).content ?? {})) {
        yield { place: `${place} ${status}`, media };
      }
    }
  }
}

function shuffled(registryValues: RegistryValues, random: () => number): RegistryValues {
  const entries = Object.entries(registryValues).map(([registry, words]) => {
    const keyed = words.map((each) => ({ each, at: random() })).sort((a, b) => a.at - b.at);
    return [registry, keyed.map(({ each }) => each)] as const;
  });
  return Object.fromEntries(entries.sort(() => random() - 0.5));
}
