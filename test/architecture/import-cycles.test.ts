import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkImportCycles } from '../../scorecard/import-cycles.ts';

test('an import cycle is reported with its files in order', () => {
  const { violations } = checkImportCycles([
    { path: 'server/main.ts', text: "import { a } from './store/a.ts';" },
    { path: 'server/store/a.ts', text: "import { b } from './b.ts';" },
    { path: 'server/store/b.ts', text: "import { c } from '../c.ts';" },
    { path: 'server/c.ts', text: "import { a } from './store/a.ts';" },
  ]);
  assert.deepEqual(violations, [
    'import cycle: server/store/a.ts -> server/store/b.ts -> server/c.ts -> server/store/a.ts',
  ]);
});

test('an import of types only closes a cycle too', () => {
  const { violations } = checkImportCycles([
    { path: 'server/model.ts', text: "import { read } from './read.ts';" },
    { path: 'server/read.ts', text: "import type { Model } from './model.ts';" },
  ]);
  assert.deepEqual(violations, ['import cycle: server/model.ts -> server/read.ts -> server/model.ts']);
});

test('each of two separate cycles is reported once', () => {
  const { violations } = checkImportCycles([
    { path: 'server/a.ts', text: "import './b.ts';\nimport './c.ts';" },
    { path: 'server/b.ts', text: "import './a.ts';" },
    { path: 'server/c.ts', text: "import './d.ts';" },
    { path: 'server/d.ts', text: "import './c.ts';" },
  ]);
  assert.deepEqual(violations, [
    'import cycle: server/a.ts -> server/b.ts -> server/a.ts',
    'import cycle: server/c.ts -> server/d.ts -> server/c.ts',
  ]);
});

test('two ways to the same file are not a cycle', () => {
  const { violations } = checkImportCycles([
    { path: 'server/a.ts', text: "import './b.ts';\nimport './c.ts';" },
    { path: 'server/b.ts', text: "import './d.ts';" },
    { path: 'server/c.ts', text: "import './d.ts';" },
    { path: 'server/d.ts', text: "import { readFile } from 'node:fs';" },
  ]);
  assert.deepEqual(violations, []);
});
