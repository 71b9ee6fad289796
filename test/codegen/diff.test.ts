import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { breakingOf, diffDocuments } from '../../codegen/diff.ts';
import type { Document, Operation, Schema } from '../../codegen/document.ts';
import { authored } from '../support/contract.ts';

type Edit = (document: Document) => unknown;
type Whom = 'nobody' | 'requests' | 'responses' | 'both';

const schema = (document: Document, name: string) => document.components.schemas[name] as Schema;
const property = (document: Document, name: string, key: string) => schema(document, name).properties?.[key] as Schema;
const operation = (document: Document, path: string, method: 'get' | 'post' = 'get') =>
  document.paths[`/api/v2/${path}`]?.[method] as Operation;

/** What it is, how it is made, the first change told, and whom it breaks: made, and undone. */
const OPERATIONS: [string, Edit, string, Whom, Whom][] = [
  ['a lost operation', (d) => delete d.paths['/api/v2/widgets']?.post, 'removed createWidget', 'requests', 'nobody'],
  ['a renamed one', (d) => (operation(d, 'hubs').operationId = 'hubs'), 'changed hubs', 'nobody', 'nobody'],
  [
    'a deprecated one',
    (d) => Object.assign(operation(d, 'hubs'), { deprecated: true }),
    'deprecated listHubs',
    'nobody',
    'nobody',
  ],
  ['another summary', (d) => (operation(d, 'hubs').summary = 'Hubs'), 'described listHubs', 'nobody', 'nobody'],
  ['a lost parameter', (d) => operation(d, 'hubs').parameters?.pop(), 'changed listHubs', 'requests', 'nobody'],
  [
    'a new required parameter',
    (d) => operation(d, 'hubs').parameters?.push({ $ref: '#/components/parameters/FromRevision' }),
    'changed listHubs',
    'requests',
    'requests',
  ],
  [
    'a parameter that is now required',
    (d) => Object.assign(d.components.parameters.Limit as object, { required: true }),
    'changed parameters.Limit',
    'requests',
    'nobody',
  ],
  [
    'a body that is now required',
    (d) => Object.assign(operation(d, 'widgets', 'post').requestBody as object, { required: false }),
    'changed createWidget',
    'nobody',
    'requests',
  ],
  ['a lost success', (d) => delete operation(d, 'hubs').responses['200'], 'changed listHubs', 'responses', 'responses'],
  ['a lost error', (d) => delete operation(d, 'hubs').responses['501'], 'changed listHubs', 'nobody', 'nobody'],
  [
    'a lost header',
    (d) => delete d.components.responses.NotModified?.headers?.ETag,
    'changed responses.NotModified',
    'responses',
    'nobody',
  ],
  [
    'a lost body',
    (d) => delete d.components.responses.NotFound?.content,
    'changed responses.NotFound',
    'responses',
    'nobody',
  ],
  [
    'a key where none was needed',
    (d) => (operation(d, 'openapi.json').security = [{ ApiKey: [] }]),
    'changed getContractDocument',
    'requests',
    'nobody',
  ],
  [
    'another scope',
    (d) => (operation(d, 'widgets').security = structuredClone(operation(d, 'registries').security ?? [])),
    'changed listWidgets',
    'requests',
    'requests',
  ],
  [
    'one more scope',
    (d) => Object.values(operation(d, 'widgets').security?.[1] ?? {})[0]?.push('hub:registries:read'),
    'changed listWidgets',
    'requests',
    'nobody',
  ],
  [
    'another protocol',
    (d) => delete operation(d, 'token', 'post')['x-ihf-protocol'],
    'changed issueToken',
    'both',
    'both',
  ],
  ['another address', (d) => (d.servers = [{ url: '/hub' }]), 'changed servers', 'requests', 'requests'],
  ['another description of all', (d) => (d.info.description = 'A hub.'), 'described info', 'nobody', 'nobody'],
];

const SCHEMAS: [string, Edit, string, Whom, Whom][] = [
  [
    'a property that requests lose',
    (d) => delete schema(d, 'WidgetCreate').properties?.description,
    'removed WidgetCreate.description',
    'requests',
    'nobody',
  ],
  [
    'a property that responses lose',
    (d) => delete schema(d, 'Hub').properties?.description,
    'removed Hub.description',
    'responses',
    'nobody',
  ],
  [
    'a required property in requests',
    (d) => schema(d, 'WidgetCreate').required?.push('description'),
    'changed WidgetCreate.description',
    'requests',
    'nobody',
  ],
  [
    'a property that may be missing in responses',
    (d) => schema(d, 'Hub').required?.pop(),
    'changed Hub.created_at',
    'responses',
    'nobody',
  ],
  [
    'a shorter text in requests',
    (d) => (property(d, 'WidgetCreate', 'name').maxLength = 100),
    'changed WidgetCreate.name',
    'requests',
    'nobody',
  ],
  [
    'a longer least length in requests',
    (d) => (property(d, 'WidgetCreate', 'name').minLength = 2),
    'changed WidgetCreate.name',
    'requests',
    'nobody',
  ],
  [
    'another pattern',
    (d) => (schema(d, 'RegistryValueName').pattern = '^[a-z]+$'),
    'changed RegistryValueName',
    'both',
    'both',
  ],
  [
    'a property that may be null in requests',
    (d) => (property(d, 'WidgetCreate', 'name').type = ['string', 'null']),
    'changed WidgetCreate.name',
    'nobody',
    'requests',
  ],
  [
    'a property that may be null in responses',
    (d) => (property(d, 'Hub', 'name').type = ['string', 'null']),
    'changed Hub.name',
    'responses',
    'nobody',
  ],
  [
    'an integer that becomes a number in responses',
    (d) => (property(d, 'InteractionEventBatch', 'accepted').type = 'number'),
    'changed InteractionEventBatch.accepted',
    'responses',
    'nobody',
  ],
  [
    'one more value in an enum of both directions',
    (d) => schema(d, 'RegistryValueStatus').enum?.push('draft'),
    'changed RegistryValueStatus',
    'responses',
    'requests',
  ],
  [
    'unknown properties in requests',
    (d) => delete schema(d, 'WidgetCreate').additionalProperties,
    'changed WidgetCreate',
    'nobody',
    'requests',
  ],
  [
    'another kind of element',
    (d) => (property(d, 'HubPage', 'data').items = { type: 'string' }),
    'changed HubPage.data[]',
    'responses',
    'responses',
  ],
  [
    'another default',
    (d) => ((d.components.parameters.Limit as { schema: Schema }).schema.default = 20),
    'changed parameters.Limit',
    'nobody',
    'nobody',
  ],
  [
    'another description',
    (d) => (property(d, 'RegistryValueCreate', 'name').description = 'Its name.'),
    'described RegistryValueCreate.name',
    'nobody',
    'nobody',
  ],
  [
    'a schema that nothing refers to',
    (d) => (d.components.schemas.Spare = { type: 'string' }),
    'added Spare',
    'nobody',
    'nobody',
  ],
  [
    'words that are closed on read',
    (d) => delete schema(d, 'StoredEventType')['x-ihf-open'],
    'changed StoredEventType',
    'requests',
    'responses',
  ],
  [
    'words of another registry',
    (d) => (schema(d, 'EventType')['x-ihf-registry'] = 'widget_types'),
    'changed EventType',
    'requests',
    'requests',
  ],
];

for (const [part, cases] of Object.entries({ operations: OPERATIONS, schemas: SCHEMAS })) {
  describe(`the difference of ${part}`, () => {
    for (const [name, edit, first, whom, undone] of cases) {
      it(`reports ${name}; breaks ${whom}, and reversed ${undone}`, () => {
        const document = edited(edit);
        const changes = diffDocuments(authored, document);
        assert.equal(`${changes[0]?.kind} ${changes[0]?.subject}`, first);
        assert.equal(whomBreaks(authored, document), whom);
        assert.equal(whomBreaks(document, authored), undone);
      });
    }
  });
}

describe('the difference of two documents', () => {
  it('reports a shared schema once, even if many operations use it', () => {
    const changes = diffDocuments(
      authored,
      edited((d) => (property(d, 'Problem', 'title').maxLength = 80)),
    );
    assert.deepEqual(
      changes.map(({ detail }) => detail),
      ['Problem.title now has maxLength 80.'],
    );
  });

  it('sees through a reference that became another one to the same', () => {
    const copied = edited((d) => {
      d.components.schemas.NewWidget = structuredClone(schema(d, 'WidgetCreate'));
      const content = operation(d, 'widgets', 'post').requestBody?.content['application/json'];
      if (content) content.schema = { $ref: '#/components/schemas/NewWidget' };
    });
    assert.deepEqual(
      diffDocuments(authored, copied).map(({ subject }) => subject),
      ['NewWidget'],
    );
  });

  it('ends where schemas refer to themselves', () => {
    const tree = (name: string) => (d: Document) => {
      d.components.schemas[name] = { type: 'object', properties: { child: { $ref: `#/components/schemas/${name}` } } };
      property(d, 'Hub', 'name').$ref = `#/components/schemas/${name}`;
    };
    const changes = diffDocuments(edited(tree('Tree')), edited(tree('Bush')));
    assert.deepEqual(
      changes.map(({ kind, subject }) => `${kind} ${subject}`),
      ['added Bush', 'removed Tree'],
    );
  });

  it('treats changes inside logical keywords as breaking, except descriptions', () => {
    const either = (description: string, maxLength: number) =>
      edited((d) => (property(d, 'Hub', 'name').anyOf = [{ description, maxLength }, { type: 'null' }]));
    assert.equal(whomBreaks(either('One', 9), either('Two', 9)), 'nobody');
    assert.equal(whomBreaks(either('One', 9), either('One', 8)), 'responses');
  });

  it('ignores examples', () => {
    const without = edited((d) => {
      for (const media of Object.values(operation(d, 'widgets', 'post').requestBody?.content ?? {}))
        delete media.examples;
    });
    assert.deepEqual(diffDocuments(authored, without), []);
  });

  it('has one order, whatever the order of the documents', () => {
    const edit: Edit = (d) => {
      for (const { properties } of Object.values(d.components.schemas)) delete properties?.description;
    };
    const reversed = edited((d) => {
      edit(d);
      d.paths = Object.fromEntries(Object.entries(d.paths).reverse());
      d.components.schemas = Object.fromEntries(Object.entries(d.components.schemas).reverse());
    });
    assert.deepEqual(diffDocuments(authored, reversed), diffDocuments(authored, edited(edit)));
  });

  it('reports a change of every single value of the contract, and prose as a description', () => {
    const document = unshared(authored);
    let count = 0;
    for (const { holder, key, path } of leavesOf({ ...document, openapi: null })) {
      const value = holder[key];
      holder[key] = typeof value === 'string' ? `${value}x` : typeof value === 'number' ? value + 1 : !value;
      const changes = diffDocuments(authored, document);
      holder[key] = value;
      assert.ok(changes.length > 0, `a change of ${path} is not told`);
      const prose = /\/(title|summary|description|tags|x-enum-descriptions)(\/\d+)?$/.test(path);
      if (prose)
        assert.ok(
          changes.every(({ kind }) => kind === 'described'),
          `${path} is not told as prose`,
        );
      count++;
    }
    assert.ok(count > 500, `${count} values`);
  });
});

function edited(edit: Edit): Document {
  const document = unshared(authored);
  edit(document);
  return document;
}

/** A copy in which nothing that YAML anchors share is shared any more, so that an edit has one place. */
function unshared(document: Document): Document {
  return JSON.parse(JSON.stringify(document)) as Document;
}

function whomBreaks(from: Document, to: Document): Whom {
  const { requests, responses } = breakingOf(diffDocuments(from, to));
  if (requests) return responses ? 'both' : 'requests';
  return responses ? 'responses' : 'nobody';
}

interface Leaf {
  holder: Record<string, unknown>;
  key: string;
  path: string;
}

/** Every value of the contract that is no reference and no example. */
function* leavesOf(value: object, path = ''): Generator<Leaf> {
  for (const [key, child] of Object.entries(value)) {
    if (key === '$ref' || key === 'examples') continue;
    const leaf = { holder: value as Record<string, unknown>, key, path: `${path}/${key}` };
    if (child === null) continue;
    if (typeof child === 'object') yield* leavesOf(child, leaf.path);
    else yield leaf;
  }
}
