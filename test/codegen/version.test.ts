import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextVersion } from '../../codegen/version.ts';

const authored = (version: string) => ({ info: { title: 'Test', version } });

test('the first version is that of the authored contract, with the revision as its last number', () => {
  assert.equal(nextVersion(undefined, authored('2.1.0'), 1, false), '2.1.1');
});

test('a revision that breaks nothing keeps the major version', () => {
  assert.equal(nextVersion('2.0.7', authored('2.0.0'), 8, false), '2.0.8');
});

test('a breaking revision raises the major version, which never falls again', () => {
  assert.equal(nextVersion('2.0.7', authored('2.0.0'), 8, true), '3.0.8');
  assert.equal(nextVersion('3.0.8', authored('2.0.0'), 9, false), '3.0.9');
});

test('a new minor version of the authored contract is followed, and a rollback does not lower it', () => {
  assert.equal(nextVersion('3.0.8', authored('2.1.0'), 9, false), '3.1.9');
  assert.equal(nextVersion('3.1.9', authored('2.0.0'), 10, false), '3.1.10');
});
