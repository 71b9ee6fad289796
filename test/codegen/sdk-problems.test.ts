import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { it } from 'node:test';
import { BASE_ERROR, SDK_ERRORS } from '../../codegen/sdk/problems.ts';

const SERVER = resolve(import.meta.dirname, '../../../server/http/problem.ts');

it('every problem type of the server has an error class, below the class of its status', () => {
  const kinds = [...readFileSync(SERVER, 'utf8').matchAll(/^ {2}(\w+): \{ title: '[^']+', status: (\d+) \}/gm)];
  assert.ok(kinds.length > 10);
  for (const [, code = '', status] of kinds) {
    const type = `urn:ihf:problem:${code.replaceAll('_', '-')}`;
    const error = SDK_ERRORS.find((each) => each.type === type);
    assert.ok(error, `${type} has no error`);
    const ofStatus = error.status === undefined ? SDK_ERRORS.find(({ name }) => name === error.parent) : error;
    assert.equal(ofStatus?.status, Number(status) >= 500 ? 500 : Number(status), type);
  }
});

it('every class comes after its parent', () => {
  const seen = new Set([BASE_ERROR]);
  for (const { name, parent } of SDK_ERRORS) {
    assert.ok(seen.has(parent), name);
    seen.add(name);
  }
});
