import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { breakingOf, diffDocuments } from '../../codegen/diff.ts';
import type { Document, Operation, Schema } from '../../codegen/document.ts';
import { authored } from '../support/contract.ts';

type Edit = (document: Document) => unknown;
type BreaksFor = 'none' | 'requests' | 'responses' | 'both';

const schema = (document: Document, name: string) => document.components.schemas[name] as Schema;
const property = (document: Document, name: string, key: string) => schema(document, name).properties?.[key] as Schema;
const operation = (document: Document, path: string, method: 'get' | 'post' = 'get') =>
  document.paths[`/api/v2/${path}`]?.[method] as Operation;

/** Name, edit, the first change reported, and what breaks: by the edit, and by undoing it. */
const OPERATIONS: [string, Edit, string, BreaksFor, BreaksFor][] = [
  ['a removed operation', (d) => delete d.paths['/api/v2/widgets']?.post, 'removed createWidget', 'requests', 'none'],
  ['a renamed operation', (d) => (operation(d, 'hubs').operationId = 'hubs'), 'changed hubs', 'none', 'none'],
  [
    'a deprecated operation',
    (d) => Object.assign(operation(d, 'hubs'), { deprecated: true }),
    'deprecated listHubs',
    'none',
    'none',
  ],
  ['another summary', (d) => (operation(d, 'hubs').summary = 'Hubs'), 'described listHubs', 'none', 'none'],
  ['a removed parameter', (d) => operation(d, 'hubs').parameters?.pop(), 'changed listHubs', 'requests', 'none'],
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
    'none',
  ],
  [
    'a body that is now required',
    (d) => Object.assign(operation(d, 'widgets', 'post').requestBody as object, { required: false }),
    'changed createWidget',
    'none',
    'requests',
  ],
  [
    'a removed success response',
    (d) => delete operation(d, 'hubs').responses['200'],
    'changed listHubs',
    'responses',
    'responses',
  ],
  ['a removed error response', (d) => delete operation(d, 'hubs').responses['501'], 'changed listHubs', 'none', 'none'],
  [
    'a removed header',
    (d) => delete d.components.responses.NotModified?.headers?.ETag,
    'changed responses.NotModified',
    'responses',
    'none',
  ],
  [
    'a removed body',
    (d) => delete d.components.responses.NotFound?.content,
    'changed responses.NotFound',
    'responses',
    'none',
  ],
  [
    'a newly required credential',
    (d) => (operation(d, 'openapi.json').security = [{ ApiKey: [] }]),
    'changed getContractDocument',
    'requests',
    'none',
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
    'none',
  ],
  [
    'another protocol',
    (d) => delete operation(d, 'token', 'post')['x-ihf-protocol'],
    'changed issueToken',
    'both',
    'both',
  ],
  ['another address', (d) => (d.servers = [{ url: '/hub' }]), 'changed servers', 'requests', 'requests'],
  ['another description of all', (d) => (d.info.description = 'A hub.'), 'described info', 'none', 'none'],
];

const SCHEMAS: [string, Edit, string, BreaksFor, BreaksFor][] = [
  [
    'a property removed from requests',
    (d) => delete schema(d, 'WidgetCreate').properties?.description,
    'removed WidgetCreate.description',
    'requests',
    'none',
  ],
  [
    'a property removed from responses',
    (d) => delete schema(d, 'Hub').properties?.description,
    'removed Hub.description',
    'responses',
    'none',
  ],
  [
    'a required property in requests',
    (d) => schema(d, 'WidgetCreate').required?.push('description'),
    'changed WidgetCreate.description',
    'requests',
    'none',
  ],
  [
    'a property that may be missing in responses',
    (d) => schema(d, 'Hub').required?.pop(),
    'changed Hub.created_at',
    'responses',
    'none',
  ],
  [
    'a lower maxLength in requests',
    (d) => (property(d, 'WidgetCreate', 'name').maxLength = 100),
    'changed WidgetCreate.name',
    'requests',
    'none',
  ],
  [
    'a higher minLength in requests',
    (d) => (property(d, 'WidgetCreate', 'name').minLength = 2),
    'changed WidgetCreate.name',
    'requests',
    'none',
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
    'none',
    'requests',
  ],
  [
    'a property that may be null in responses',
    (d) => (property(d, 'Hub', 'name').type = ['string', 'null']),
    'changed Hub.name',
    'responses',
    'none',
  ],
  [
    'an integer that becomes a number in responses',
    (d) => (property(d, 'InteractionEventBatch', 'accepted').type = 'number'),
    'changed InteractionEventBatch.accepted',
    'responses',
    'none',
  ],
  [
    'one more value in an enum of requests',
    (d) => schema(d, 'RegistryValueStatus').enum?.push('draft'),
    'changed RegistryValueStatus',
    'none',
    'requests',
  ],
  [
    'one more value in an open list of responses',
    (d) => schema(d, 'ManifestStatus')['x-extensible-enum']?.push('expired'),
    'described ManifestStatus',
    'none',
    'none',
  ],
  [
    'unknown properties in requests',
    (d) => delete schema(d, 'WidgetCreate').additionalProperties,
    'changed WidgetCreate',
    'none',
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
    'none',
    'none',
  ],
  [
    'another description',
    (d) => (property(d, 'RegistryValueCreate', 'name').description = 'Its name.'),
    'described RegistryValueCreate.name',
    'none',
    'none',
  ],
  ['an unused schema', (d) => (d.components.schemas.Spare = { type: 'string' }), 'added Spare', 'none', 'none'],
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
    for (const [name, edit, first, breaksFor, undone] of cases) {
      it(`reports ${name}; breaks ${breaksFor}, and reversed ${undone}`, () => {
        const document = edited(edit);
        const changes = diffDocuments(authored, document);
        assert.equal(`${changes[0]?.kind} ${changes[0]?.subject}`, first);
        assert.equal(whomBreaks(authored, document), breaksFor);
        assert.equal(whomBreaks(document, authored), undone);
      });
    }
  });
}

describe('the difference of two documents', () => {
  it('reports one more value in an enum of both directions; breaks responses, and reversed requests', () => {
    const closed = (...values: string[]) =>
      edited((d) => {
        schema(d, 'RegistryValueStatus').enum = values;
        property(d, 'RegistryValue', 'status').$ref = '#/components/schemas/RegistryValueStatus';
      });
    const [fewer, more] = [closed('active'), closed('active', 'retired')];
    assert.equal(whomBreaks(fewer, more), 'responses');
    assert.equal(whomBreaks(more, fewer), 'requests');
  });

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

  it('reports nothing when a reference changes to an equal schema', () => {
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

  it('terminates where schemas refer to themselves', () => {
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
    assert.equal(whomBreaks(either('One', 9), either('Two', 9)), 'none');
    assert.equal(whomBreaks(either('One', 9), either('One', 8)), 'responses');
  });

  it('reports a renamed operation or schema as breaking generated code, but no client in use', () => {
    const rename = (text: string, from: string, to: string) => JSON.parse(text.replaceAll(from, to)) as Document;
    const text = JSON.stringify(authored);
    for (const [to, detail, touched] of [
      [rename(text, '"listHubs"', '"allHubs"'), 'The operation id listHubs changed to allHubs.', ['allHubs']],
      [
        JSON.parse(text.replaceAll('"Hub":', '"Tenant":').replaceAll('schemas/Hub"', 'schemas/Tenant"')) as Document,
        'The schema Hub was renamed to Tenant.',
        ['getHub', 'listHubs'],
      ],
    ] as const) {
      const changes = diffDocuments(authored, to);
      const change = changes.find((each) => each.detail === detail);
      assert.deepEqual(change?.operations, touched, JSON.stringify(changes));
      assert.deepEqual(breakingOf(changes), { requests: false, responses: false, generated_code: true });
    }
    assert.equal(
      diffDocuments(
        authored,
        edited((d) => delete d.components.schemas.HubPage?.title),
      ).length,
      0,
    );
  });

  it('reports a renamed path parameter as breaking nothing', () => {
    const text = JSON.stringify(authored).replaceAll('{widget_id}', '{id}');
    const renamed = JSON.parse(text) as Document;
    Object.assign(renamed.components.parameters.WidgetId as object, { name: 'id' });
    const changes = diffDocuments(authored, renamed);
    assert.deepEqual(
      changes.map(({ detail, operations }) => [detail, operations]),
      ['getWidget', 'updateWidget'].map((id) => ["The path parameter 'widget_id' was renamed to 'id'.", [id]]),
    );
    assert.deepEqual(breakingOf(changes), { requests: false, responses: false, generated_code: false });
  });

  it('names the operations that a change touches', () => {
    const limit = diffDocuments(
      authored,
      edited((d) => (property(d, 'Hub', 'name').maxLength = 9)),
    );
    assert.deepEqual(
      limit.map(({ operations }) => operations),
      [['getHub', 'listHubs']],
    );
    const webhook = diffDocuments(
      authored,
      edited((d) => delete d.webhooks?.['widget.registered']),
    );
    assert.deepEqual(webhook.find(({ kind }) => kind === 'removed')?.operations, ['onWidgetRegistered']);
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
      // It is not published.
      if (key === 'x-ihf-compiled') continue;
      const value = holder[key];
      holder[key] = typeof value === 'string' ? `${value}x` : typeof value === 'number' ? value + 1 : !value;
      const changes = diffDocuments(authored, document);
      holder[key] = value;
      assert.ok(changes.length > 0, `a change of ${path} is not reported`);
      const prose = /\/(title|summary|description|tags|x-enum-descriptions|x-extensible-enum)(\/\d+)?$/.test(path);
      if (prose)
        assert.ok(
          changes.every(({ kind }) => kind === 'described'),
          `${path} is not reported as prose`,
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

function whomBreaks(from: Document, to: Document): BreaksFor {
  const { requests, responses } = breakingOf(diffDocuments(from, to));
  if (requests) return responses ? 'both' : 'requests';
  return responses ? 'responses' : 'none';
}

interface Leaf {
  holder: Record<string, unknown>;
  key: string;
  path: string;
}

/** Every value of the contract that is no reference and no example. */
function* leavesOf(value: object, path = ''): Generator<Leaf> {
  for (const [key, child] of Object.entries(value)) {
    if (key === '$ref' || key === 'examples' || key === 'example') continue;
    const leaf = { holder: value as Record<string, unknown>, key, path: `${path}/${key}` };
    if (child === null) continue;
    if (typeof child === 'object') yield* leavesOf(child, leaf.path);
    else yield leaf;
  }
}
