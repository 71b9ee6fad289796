import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OPERATIONS } from '../../generated/operations.ts';
import { IhfError } from '../../server/errors.ts';
import { findRoute } from '../../server/http/find-operation.ts';

function errorOf(method: string, path: string): IhfError {
  try {
    findRoute(method, path);
  } catch (error) {
    if (error instanceof IhfError) return error;
  }
  throw new Error(`${method} ${path} was found`);
}

test('every operation of the contract is found by its method and path', () => {
  for (const [operationId, { method, path }] of Object.entries(OPERATIONS)) {
    const route = findRoute(method.toUpperCase(), path.replaceAll(/\{\w+\}/g, 'a%2Fb:c'));
    assert.equal(route.operationId, operationId);
  }
});

test('an unknown path is not found: a wrong segment, another case, a part of a path, an empty or additional segment', () => {
  for (const path of [
    '/',
    '/api/v2',
    '/api/v2/hub',
    '/api/v2/Hubs',
    '/api/v2/hubs/',
    '/api/v2//hubs',
    '/api/v2/hubs/1/2/3',
    '/api/v2/__proto__',
    '/api/v2/constructor',
  ]) {
    const error = errorOf('GET', path);
    assert.equal(error.code, 'not_found', path);
    assert.equal(error.message, 'No such path. See /api/v2/openapi.json for all operations.');
  }
});

test('a method that a path does not have is rejected with the methods that it has', () => {
  const error = errorOf('DELETE', '/api/v2/widgets');
  assert.equal(error.code, 'method_not_allowed');
  assert.equal(error.message, 'Allowed methods: GET, POST.');
  assert.deepEqual(error.headers, { Allow: 'GET, POST' });
});
