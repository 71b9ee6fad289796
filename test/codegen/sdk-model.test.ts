import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { operationsOf, type Schema } from '../../codegen/document.ts';
import { digestOf, liveDocument, toJson } from '../../codegen/live.ts';
import { type SdkModel, sdkModel } from '../../codegen/sdk/model.ts';
import { NamePool } from '../../codegen/sdk/names.ts';
import { SchemaReader } from '../../codegen/sdk/schemas.ts';
import type { SdkType } from '../../codegen/sdk/types.ts';
import { authored } from '../support/contract.ts';
import { REGISTRY_VALUES } from '../support/typescript-sdk.ts';

const live = liveDocument(authored, REGISTRY_VALUES, 7);
const model = sdkModel(live);

function operation(id: string): SdkModel['operations'][number] {
  const found = model.operations.find((each) => each.id === id);
  assert.ok(found, `${id} is missing`);
  return found;
}

describe('the model of an SDK', () => {
  it('names the revision and the digest of the published bytes', () => {
    assert.equal(model.revision, 7);
    assert.equal(model.digest, digestOf(toJson(live)));
  });

  it('has every operation of the contract but those of a protocol of its own, and every schema once', () => {
    const operations = [...operationsOf(live)].map((each) => each.operation);
    assert.deepEqual(
      model.operations.map(({ id }) => id),
      operations.filter((each) => !each['x-ihf-protocol']).map(({ operationId }) => operationId),
    );
    assert.ok(operations.some((each) => each['x-ihf-protocol'] === 'oauth2'));
    const names = [...model.schemas, ...model.registries.flatMap(({ closed, open }) => [closed, open])];
    assert.deepEqual(names.map(({ name }) => name).sort(), Object.keys(live.components.schemas).sort());
  });

  it('has every registry value, and those that requests accept', () => {
    const events = model.registries.find(({ name }) => name === 'event_types');
    assert.equal(events?.closed.name, 'EventType');
    assert.equal(events?.open.name, 'StoredEventType');
    assert.deepEqual(events?.accepted, ['clicked', 'pressed']);
    assert.deepEqual(
      events?.values.map(({ name, status, replacedBy, sunsetAt }) => [name, status, replacedBy, sunsetAt]),
      [
        ['clicked', 'active', null, null],
        ['pressed', 'deprecated', 'clicked', '2027-03-31T00:00:00.000Z'],
        ['tapped', 'retired', 'clicked', null],
      ],
    );
  });

  it('describes the request and the response of an operation', () => {
    const { pathParams, body, result, results, acceptsIdempotencyKey, errors } = operation('createWidget');
    assert.deepEqual(
      pathParams.map(({ name, type }) => [name, type]),
      [],
    );
    assert.deepEqual(
      [body?.kind, body?.type, body?.required],
      ['json', { kind: 'reference', name: 'WidgetCreate' }, true],
    );
    assert.deepEqual(result, { kind: 'reference', name: 'Widget' });
    assert.deepEqual(
      results.map(({ kind, mediaType }) => [kind, mediaType]),
      [['json', 'application/json']],
    );
    assert.equal(acceptsIdempotencyKey, true);
    for (const status of ['401', '403', '409', '422', '500']) {
      assert.ok(
        errors.some((error) => error.status === status),
        status,
      );
    }
  });

  it('marks the operations that need no credential', () => {
    assert.deepEqual([operation('getLiveness').public, operation('createWidget').public], [true, false]);
  });

  it('takes path parameters in the order of the path, and leaves If-None-Match out', () => {
    const download = operation('downloadRevisionSdk');
    assert.deepEqual(
      download.pathParams.map(({ name }) => name),
      ['revision', 'sdk_file'],
    );
    assert.deepEqual([download.queryParams, download.results.map(({ kind }) => kind)], [[], ['text']]);
  });

  it('distinguishes required and optional query parameters', () => {
    const query = operation('diffContractRevisions').queryParams;
    assert.deepEqual(
      query.map(({ name, required }) => [name, required]),
      [
        ['from', true],
        ['to', false],
      ],
    );
  });
});

describe('the type of a schema', () => {
  const forms: [string, Schema, unknown][] = [
    ['text', { type: 'string' }, { kind: 'string' }],
    ['a time', { type: 'string', format: 'date-time' }, { kind: 'string', format: 'date-time' }],
    ['an id or null', { type: ['string', 'null'], format: 'uuid' }, nullable({ kind: 'string', format: 'uuid' })],
    ['a list', { type: 'array', items: { type: 'integer' } }, { kind: 'array', items: { kind: 'integer' } }],
    ['literals', { type: 'string', enum: ['a', 'b'] }, { kind: 'literals', values: ['a', 'b'] }],
    ['a reference', { $ref: '#/components/schemas/Hub' }, { kind: 'reference', name: 'Hub' }],
    ['free-form JSON', { type: 'object', additionalProperties: true }, { kind: 'map', values: { kind: 'json' } }],
    [
      'a map',
      { type: 'object', additionalProperties: { type: 'number' } },
      { kind: 'map', values: { kind: 'number' } },
    ],
    ['anything', {}, { kind: 'json' }],
  ];
  for (const [what, schema, type] of forms) {
    it(`can be ${what}`, () => assert.deepEqual(typeOf(schema), type));
  }

  it('can have no other type than those of JSON Schema', () => {
    assert.throws(() => typeOf({ type: 'strin' }), /^DocumentError: #: 'strin' is not a type\. Use one of string, /);
  });
});

function typeOf(schema: Schema): SdkType {
  return new SchemaReader(live, new NamePool()).read(schema, 'received', 'Inline', '#');
}

function nullable(of: unknown): unknown {
  return { kind: 'nullable', of };
}
