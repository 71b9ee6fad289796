import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IhfError, type ValidationIssue } from '../../server/errors.ts';
import { partitionByItem } from '../../server/http/validate/items.ts';
import { locate } from '../../server/http/validate/json-pointer.ts';
import { findUnsupportedJson } from '../../server/http/validate/unsupported-json.ts';
import {
  type RequestParts,
  unknownParameters,
  validationIssues,
} from '../../server/http/validate/validation-issues.ts';

const PARTS: RequestParts = { body: undefined, query: {}, params: {}, headers: {} };

/** The detail for a field `name` with this value, from a message of ajv as express-openapi-validator passes it on. */
function detailOf(keyword: string, message: string, value: unknown): string {
  const error = { path: '/body/name', message, errorCode: `${keyword}.openapi.validation` };
  const [issue] = validationIssues([error], { ...PARTS, body: value === undefined ? {} : { name: value } });
  return issue?.detail ?? '';
}

for (const [keyword, message, value, detail] of [
  ['required', "must have required property 'name'", undefined, 'name is required. Add it.'],
  [
    'additionalProperties',
    'must NOT have additional properties',
    1,
    "Unknown field 'name'. Remove it or correct its name.",
  ],
  ['x-eov-type', 'must be string', 5, 'name must be a string (got 5).'],
  ['type', 'must be string,null', 5, 'name must be a string or null (got 5).'],
  ['type', 'must be integer', '5', 'name must be an integer (got "5").'],
  ['format', 'must match format "uuid"', '0199', 'name must be a UUID (got "0199").'],
  [
    'format',
    'must match format "date-time"',
    'today',
    'name must be a date and time with offset (RFC 3339), such as 2026-01-31T12:00:00Z (got "today").',
  ],
  ['format', 'must match format "ipv4"', 'x', 'name must be in the format ipv4 (got "x").'],
  ['pattern', 'must match pattern "^[a-z]+$"', 'A', 'name must match the pattern ^[a-z]+$ (got "A").'],
  ['enum', 'must be equal to one of the allowed values: asc, desc', 'up', 'name must be one of asc, desc (got "up").'],
  ['minimum', 'must be >= 1', 0, 'name must be at least 1 (got 0).'],
  ['maximum', 'must be <= 100', 1000, 'name must be at most 100 (got 1000).'],
  ['exclusiveMinimum', 'must be > 0', 0, 'name must be greater than 0 (got 0).'],
  ['exclusiveMaximum', 'must be < 1', 1, 'name must be less than 1 (got 1).'],
  ['minLength', 'must NOT have fewer than 1 characters', '', 'name must not be empty.'],
  ['minLength', 'must NOT have fewer than 3 characters', 'ab', 'name must have at least 3 characters (got "ab").'],
  ['maxLength', 'must NOT have more than 1 characters', 'ab', 'name must have at most 1 character (got "ab").'],
  ['minItems', 'must NOT have fewer than 1 items', [], 'name must not be empty.'],
  ['maxItems', 'must NOT have more than 2 items', [1, 2, 3], 'name must have at most 2 items (got [1,2,3]).'],
  ['maxProperties', 'must NOT have more than 1 properties', {}, 'name must have at most 1 property (got {}).'],
  ['uniqueItems', 'must NOT have duplicate items (items ## 1 and 0 are identical)', [1, 1], /twice \(got \[1,1\]\)\.$/],
  [
    'oneOf',
    'must match exactly one schema in oneOf',
    1,
    /exactly one of the alternatives in the contract \(got 1\)\.$/,
  ],
  ['contains', 'must contain at least 1 valid item(s)', [1], 'name must contain at least 1 valid item(s) (got [1]).'],
] as const) {
  test(`an issue of ${keyword} reads: ${detail}`, () => {
    const text = detailOf(keyword, message, value);
    if (typeof detail === 'string') assert.equal(text, detail);
    else assert.match(text, detail);
  });
}

test('a long value is truncated', () => {
  const detail = detailOf('maxLength', 'must NOT have more than 3 characters', 'a'.repeat(10_000));
  assert.equal(detail, `name must have at most 3 characters (got "${'a'.repeat(79)}…).`);
});

test('the code of an issue is the keyword in snake case', () => {
  const codes = ['minLength', 'x-eov-type', 'additionalProperties'].map((keyword) => {
    const error = { path: '/body/name', message: '', errorCode: `${keyword}.openapi.validation` };
    return validationIssues([error], PARTS)[0]?.code;
  });
  assert.deepEqual(codes, ['min_length', 'type', 'additional_properties']);
});

test('an issue in a parameter names it, and a header as its RFC spells it', () => {
  const issues = validationIssues(
    [
      { path: '/query/limit', message: 'must be <= 100', errorCode: 'maximum.openapi.validation' },
      { path: '/headers/idempotency-key', message: 'must be string', errorCode: 'type.openapi.validation' },
    ],
    { ...PARTS, query: { limit: 1000 } },
  );
  assert.deepEqual(issues, [
    { parameter: 'limit', code: 'maximum', detail: 'limit must be at most 100 (got 1000).' },
    { parameter: 'Idempotency-Key', code: 'type', detail: 'Idempotency-Key must be a string.' },
  ]);
});

test('a JSON pointer leads to the value, also through names with slashes, tildes and other special characters', () => {
  const body = { a: [{ 'b/c': 1 }], 'm~n': 2, 'ä ö': 3, '': 4 };
  const locations = [['a', '0', 'b', 'c'], ['m~n'], ['ä ö'], ['']].map((steps) => locate(body, steps));
  assert.deepEqual(locations, [
    { pointer: '/a/0/b~1c', name: 'b/c', value: 1 },
    { pointer: '/m~0n', name: 'm~n', value: 2 },
    { pointer: '/%C3%A4%20%C3%B6', name: 'ä ö', value: 3 },
    { pointer: '/', name: '', value: 4 },
  ]);
});

test('a missing property has a pointer too, and the whole body is #', () => {
  assert.deepEqual(locate({ a: {} }, ['a', 'b']), { pointer: '/a/b', name: 'b', value: undefined });
  assert.deepEqual(locate([1], []), { pointer: '', name: 'The body', value: [1] });
  const [issue] = validationIssues(
    [{ path: '/body', message: 'must be object', errorCode: 'type.openapi.validation' }],
    { ...PARTS, body: [1] },
  );
  assert.deepEqual(issue, { pointer: '#', code: 'type', detail: 'The body must be an object (got [1]).' });
});

test('an unknown query parameter is an issue that lists the valid ones', () => {
  const detail = (known: string[]) => unknownParameters({ limt: '5' }, new Set(known))[0]?.detail;
  assert.equal(detail(['limit', 'cursor']), "Unknown query parameter 'limt'. Valid query parameters: limit, cursor.");
  assert.equal(detail([]), "Unknown query parameter 'limt'. The operation has none. Remove it.");
  assert.deepEqual(unknownParameters({ limit: '5' }, new Set(['limit'])), []);
});

test('JSON that Postgres cannot store is an issue at its location', () => {
  const deep = JSON.parse(`${'['.repeat(102)}${']'.repeat(102)}`);
  const issues = findUnsupportedJson({ a: ['x\0'], '\ud800': 1, n: Number.POSITIVE_INFINITY, deep }, { q: '\0' });
  assert.deepEqual(
    issues.map(({ pointer, parameter, code }) => [pointer ?? parameter, code]),
    [
      ['#/a/0', 'unsupported_character'],
      ['#', 'unsupported_character'],
      ['#/n', 'unsupported_number'],
      [`#/deep${'/0'.repeat(99)}`, 'too_deep'],
      ['q', 'unsupported_character'],
    ],
  );
});

test('issues of items are grouped by index, with pointers into the item', () => {
  const issue = (pointer: string): ValidationIssue => ({ pointer, code: 'type', detail: '' });
  const issues = [issue('#/events/0/name'), issue('#/events/12'), issue('#/events/0/type')];
  assert.deepEqual(
    [...partitionByItem(issues, 'events')].map(([index, error]) => [index, error.issues]),
    [
      [0, [issue('#/name'), issue('#/type')]],
      [12, [issue('#')]],
    ],
  );
});

test('a batch lists at most 100 issues, and one per item beyond those; the rest is counted', () => {
  const issues = Array.from({ length: 300 }, (_, index): ValidationIssue => {
    return { pointer: `#/events/${Math.floor(index / 60)}/k${index}`, code: 'type', detail: '' };
  });
  const errors = [...partitionByItem(issues, 'events').values()];
  assert.deepEqual(
    errors.map((error) => [error.issues.length, error.extensions.errors_omitted]),
    [
      [60, undefined],
      [40, 20],
      [1, 59],
      [1, 59],
      [1, 59],
    ],
  );
});

test('one issue outside of the items fails the request, with all issues', () => {
  const issues: ValidationIssue[] = [
    { pointer: '#/events/0/name', code: 'type', detail: '' },
    { parameter: 'dry_run', code: 'unknown_parameter', detail: '' },
  ];
  for (const perItem of ['events', 'widgets', undefined]) {
    assert.throws(
      () => partitionByItem(issues, perItem),
      (error) => error instanceof IhfError && error.code === 'invalid_request' && error.issues.length === 2,
    );
  }
});
