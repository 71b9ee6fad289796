import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseAuthoredContract } from '../../codegen/authored.ts';
import type { Document } from '../../codegen/document.ts';
import { registryChecks } from '../../codegen/registry-checks.ts';
import { branchMatcher } from '../../server/contract/branch-matcher.ts';
import type { LiveContract } from '../../server/contract/live-contract.ts';
import { validateRegistryValues } from '../../server/contract/validate-registry-values.ts';
import { registryValue } from '../support/contract.ts';

const MARK = { type: 'string', 'x-ihf-registry': 'currencies' };
const CURRENCY = { $ref: '#/components/schemas/Currency' };
const TAGGED = (kind: string, properties: object) => ({
  type: 'object',
  required: ['kind'],
  properties: { kind: { const: kind }, ...properties },
});

function documentOf(operation: object, item: object = {}): string {
  return JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'Test', version: '1.0.0' },
    paths: {
      '/things/{id}': {
        ...item,
        post: { operationId: 'post', summary: 'Post', description: 'Posts.', responses: {}, ...operation },
      },
    },
    components: {
      schemas: {
        Currency: MARK,
        Tree: {
          type: 'object',
          properties: { currency: CURRENCY, children: { type: 'array', items: { $ref: '#/components/schemas/Tree' } } },
        },
      },
      parameters: {},
      responses: {},
      headers: {},
    },
  });
}

const bodyOf = (schema: object, mediaType = 'application/json') =>
  documentOf({ requestBody: { content: { [mediaType]: { schema: { $ref: '#/components/schemas/Body' } } } } }).replace(
    '"schemas":{',
    `"schemas":{"Body":${JSON.stringify(schema)},`,
  );

/** Where the values of a request are rejected. Only 'eur' is a value. */
async function rejected(yaml: string, input: { body?: unknown; query?: object; path?: object; header?: object }) {
  const document: Document = parseAuthoredContract(yaml).document;
  const checks = registryChecks(document);
  const contract = {
    current: { revision: 1, headId: '', values: new Map([['currencies', new Map([['eur', registryValue('eur')]])]]) },
    catchUp: async () => {},
  } as unknown as LiveContract;
  const parts = { body: undefined, query: {}, path: {}, header: {}, deferRetired: false, ...input };
  const issues = await validateRegistryValues(
    contract,
    checks.get('post') ?? [],
    branchMatcher(document, checks.values()),
    parts,
  );
  return issues.map(({ pointer, parameter }) => pointer ?? parameter);
}

const PLACES: [place: string, schema: object, body: unknown, pointers: string[]][] = [
  ['a property', { properties: { c: CURRENCY } }, { c: 'x', d: 'x' }, ['#/c']],
  ['a schema written in place', { properties: { c: MARK } }, { c: 'x' }, ['#/c']],
  ['an array', { type: 'array', items: CURRENCY }, ['eur', 'x'], ['#/1']],
  ['a tuple', { type: 'array', prefixItems: [{}, CURRENCY], items: MARK }, ['x', 'x', 'x'], ['#/1', '#/2']],
  ['a map', { properties: { a: {} }, additionalProperties: CURRENCY }, { a: 'x', 'b/~': 'x' }, ['#/b~1~0']],
  ['a pattern of names', { patternProperties: { '^c_': CURRENCY } }, { c_1: 'x', d_1: 'x' }, ['#/c_1']],
  [
    'a recursive schema',
    { $ref: '#/components/schemas/Tree' },
    { currency: 'eur', children: [{ children: [{ currency: 'x' }] }] },
    ['#/children/0/children/0/currency'],
  ],
  [
    'allOf',
    { allOf: [{ properties: { a: CURRENCY } }, { properties: { b: CURRENCY } }] },
    { a: 'x', b: 'x' },
    ['#/a', '#/b'],
  ],
  [
    'keywords beside a reference',
    { $ref: '#/components/schemas/Tree', properties: { e: MARK } },
    { currency: 'x', e: 'x' },
    ['#/e', '#/currency'],
  ],
  [
    'the branch of oneOf that accepts the value',
    { oneOf: [TAGGED('pay', { c: CURRENCY }), TAGGED('note', { c: { type: 'string' } })] },
    { kind: 'pay', c: 'x' },
    ['#/c'],
  ],
  [
    'no other branch of oneOf',
    { oneOf: [TAGGED('pay', { c: CURRENCY }), TAGGED('note', { c: { type: 'string' } })] },
    { kind: 'note', c: 'x' },
    [],
  ],
  [
    'anyOf, unless another branch accepts the value',
    { properties: { c: { anyOf: [CURRENCY, { const: 'x' }] } } },
    { c: 'x' },
    [],
  ],
  ['a nullable value', { properties: { c: { oneOf: [CURRENCY, { type: 'null' }] } } }, { c: 'x' }, ['#/c']],
  ['a property called example', { properties: { example: MARK } }, { example: 'x' }, ['#/example']],
];

describe('registry values are checked in', () => {
  for (const [place, schema, body, pointers] of PLACES) {
    test(place, async () => assert.deepEqual(await rejected(bodyOf(schema), { body }), pointers));
  }

  const parameter = (within: string, more: object = {}) => ({
    ...{ name: within === 'path' ? 'id' : 'X-Currency', in: within, required: true, description: 'A currency.' },
    ...{ schema: CURRENCY, ...more },
  });

  test('a path parameter, also one of the path item', async () => {
    const yaml = documentOf({}, { parameters: [parameter('path')] });
    assert.deepEqual(await rejected(yaml, { path: { id: 'x' } }), ['id']);
  });
  test('a header, whatever the case of its name', async () => {
    const yaml = documentOf({ parameters: [parameter('header')] });
    assert.deepEqual(await rejected(yaml, { header: { 'x-currency': 'x' } }), ['x-currency']);
  });
  test('a query parameter, and each item of a list in one text', async () => {
    const list = { schema: { type: 'array', items: CURRENCY }, style: 'pipeDelimited' };
    const yaml = documentOf({ parameters: [parameter('query', list)] });
    assert.deepEqual(await rejected(yaml, { query: { 'X-Currency': 'eur|x' } }), ['X-Currency/1']);
    assert.deepEqual(await rejected(yaml, { query: { 'X-Currency': ['x'] } }), ['X-Currency/0']);
  });
});

describe('a mark that the check cannot reach is rejected with its place: in', () => {
  const cookie = { name: 'c', in: 'cookie', description: 'A currency.', schema: CURRENCY };
  const content = { name: 'c', in: 'query', description: 'x', content: { 'application/json': { schema: CURRENCY } } };
  const UNREACHABLE: [place: string, yaml: string, message: RegExp][] = [
    ...['not', 'if', 'contains', 'propertyNames', 'unevaluatedProperties'].map((key): [string, string, RegExp] => [
      `'${key}'`,
      bodyOf({ properties: { a: { [key]: { properties: { c: CURRENCY } } } } }),
      new RegExp(`POST /things/{id}, body: x-ihf-registry is not checked below '${key}'\\. Use properties`),
    ]),
    ['a cookie', documentOf({ parameters: [cookie] }), /parameter c: x-ihf-registry is not checked in a cookie/],
    ["the 'content' of a parameter", documentOf({ parameters: [content] }), /not checked in 'content'\. Use 'schema'/],
    ['another media type', bodyOf(MARK, 'application/xml'), /not checked in a body of application\/xml/],
    ['a schema that is no string', bodyOf({ ...MARK, type: 'integer' }), /must have the type string/],
  ];
  for (const [place, yaml, message] of UNREACHABLE) {
    test(place, () => assert.throws(() => parseAuthoredContract(yaml), message));
  }
});
