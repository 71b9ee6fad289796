import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { checkArrows } from '../../scorecard/arrows.ts';
import { importsOf } from '../../scorecard/imports.ts';
import { readTree } from '../../scorecard/tree.ts';

test('the import arrows hold', async () => {
  const files = await readTree(resolve(import.meta.dirname, '../../..'));
  assert.ok(files.length > 100, 'the tree was found');
  assert.deepEqual(checkArrows(files).faults, []);
});

test('every form of import is seen, and what only looks like one is not', () => {
  const text = [
    `import { readFile } from 'node:fs/promises';`,
    `import {\n  one,\n  type Two,\n} from './named.ts';`,
    `import type { Three } from './types.ts';`,
    `import './effect.ts';`,
    `export * from './all.ts';`,
    `export { four } from './reexported.ts';`,
    `const five = await import('./lazy.ts');`,
    `type Six = typeof import('./typeof.ts');`,
    `const seven = await import(name);`,
    `const eight = require.resolve('package/file.json');`,
    `const text = "import { nine } from './quoted.ts'";`,
    ` * import { ten } from './commented.ts';`,
    `export const eleven = 'from';`,
  ].join('\n');
  assert.deepEqual(importsOf(text).sort(), [
    ...['(computed)', './all.ts', './effect.ts', './lazy.ts', './named.ts', './reexported.ts', './typeof.ts'],
    ...['./types.ts', 'node:fs/promises', 'package/file.json'],
  ]);
});

const BROKEN = [
  ['server/pipeline/validate.ts', "import { requestIdOf } from './request-id.ts';", './request-id.ts'],
  ['server/handlers/hubs.ts', "import type { Request } from 'express';", 'express'],
  ['server/handlers/hubs.ts', "import pg from 'pg';", 'pg'],
  ['server/store/hubs.ts', "import { problemOf } from '../problem.ts';", '../problem.ts'],
  ['server/store/hubs.ts', "import type { LiveContract } from '../contract/live-contract.ts';", 'live-contract.ts'],
  ['server/handle.ts', "import express from 'express';", 'express'],
  ['server/express.ts', "import * as validator from 'express-openapi-validator';", 'express-openapi-validator'],
  ['codegen/live.ts', "import { readFileSync } from 'node:fs';", 'node:fs'],
  ['codegen/live.ts', "import type { Request } from 'express';", 'express'],
  ['codegen/live.ts', "import { translate } from '../server/store/sql-errors.ts';", 'sql-errors.ts'],
  ['codegen/live.ts', 'process.exit(1);', 'process'],
  ['sdk-templates/typescript/errors.ts', "import type { Document } from '../../codegen/document.ts';", 'document.ts'],
  ['server/demo.ts', "import { testHub } from '../test/support/hub.ts';", '../test/support/hub.ts'],
  ['server/demo.ts', "import { post } from '../bench/post.ts';", '../bench/post.ts'],
  ['test/bench.test.ts', "import { post } from '../bench/post.ts';", '../bench/post.ts'],
  ['server/start.ts', "import './main.ts';", './main.ts'],
  ['server/start.ts', "await import('../codegen/cli.ts');", '../codegen/cli.ts'],
  ['tools/new.ts', '', 'no layer'],
  ['server/new/file.ts', '', 'no layer'],
] as const;

for (const [path, text, named] of BROKEN) {
  test(`a failing arrow is named with file and import: ${path} -> ${named}`, () => {
    const { faults } = checkArrows([{ path, text }]);
    assert.equal(faults.length, 1);
    assert.ok(faults[0]?.startsWith(path), faults[0]);
    assert.ok(faults[0]?.includes(named), faults[0]);
  });
}
