import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { checkImports } from '../../scorecard/import-rules.ts';
import { importsOf } from '../../scorecard/imports.ts';
import { readTree } from '../../scorecard/tree.ts';

test('every file imports only what its layer may import', async () => {
  const files = await readTree(resolve(import.meta.dirname, '../../..'));
  assert.ok(files.length > 100, 'the source files were found');
  assert.deepEqual(checkImports(files).violations, []);
});

test('every form of import is recognized; text that only resembles one is not', () => {
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

const VIOLATIONS = [
  ['server/http/validate.ts', "import { authenticate } from './authenticate.ts';", './authenticate.ts'],
  ['server/http/authenticate.ts', "import { rateLimit } from './rate-limit.ts';", './rate-limit.ts'],
  ['server/http/parse-body/media-type.ts', "import express from 'express';", 'express'],
  ['server/http/dispatch.ts', "import * as validator from 'express-openapi-validator';", 'express-openapi-validator'],
  ['server/handlers/hubs.ts', "import type { Request } from 'express';", 'express'],
  ['server/handlers/hubs.ts', "import pg from 'pg';", 'pg'],
  ['server/handlers/hubs.ts', "import { Batcher } from '../batching/batcher.ts';", '../batching/batcher.ts'],
  ['server/batching/batcher.ts', "import { publish } from '../contract/publish.ts';", '../contract/publish.ts'],
  ['server/batching/batcher.ts', "import pg from 'pg';", 'pg'],
  ['server/store/access/api-keys.ts', "import { toProblem } from '../../http/problem.ts';", '../../http/problem.ts'],
  ['server/store/access/api-keys.ts', "import { Batcher } from '../../batching/batcher.ts';", 'batcher.ts'],
  [
    'server/store/access/api-keys.ts',
    "import type { LiveContract } from '../../contract/live-contract.ts';",
    'live-contract',
  ],
  ['codegen/live.ts', "import { readFileSync } from 'node:fs';", 'node:fs'],
  ['codegen/live.ts', "import type { Request } from 'express';", 'express'],
  ['codegen/live.ts', "import { IhfError } from '../server/errors.ts';", '../server/errors.ts'],
  ['codegen/live.ts', 'process.exit(1);', 'process'],
  ['sdk-templates/typescript/errors.ts', "import type { Document } from '../../codegen/document.ts';", 'document.ts'],
  ['server/demo.ts', "import { testServer } from '../test/support/server.ts';", '../test/support/server.ts'],
  ['server/demo.ts', "import { post } from '../bench/post.ts';", '../bench/post.ts'],
  ['test/bench.test.ts', "import { post } from '../bench/post.ts';", '../bench/post.ts'],
  ['server/server.ts', "import './main.ts';", './main.ts'],
  ['server/server.ts', "await import('../codegen/cli.ts');", '../codegen/cli.ts'],
  ['tools/new.ts', '', 'no layer'],
  ['server/new/file.ts', '', 'no layer'],
] as const;

for (const [path, text, named] of VIOLATIONS) {
  test(`a forbidden import is reported with its file: ${path} -> ${named}`, () => {
    const { violations } = checkImports([{ path, text }]);
    assert.equal(violations.length, 1);
    assert.ok(violations[0]?.startsWith(path), violations[0]);
    assert.ok(violations[0]?.includes(named), violations[0]);
  });
}
