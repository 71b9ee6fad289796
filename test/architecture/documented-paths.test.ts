import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { checkDocumentedPaths, listPaths, readDocuments } from '../../scorecard/documented-paths.ts';

const PATHS = [
  'README.md',
  'docs/',
  'docs/writing.md',
  'server/',
  'server/http/',
  'server/http/validate.ts',
  '.ci/',
  '.ci/run',
];

const violationsIn = (path: string, text: string) => checkDocumentedPaths([{ path, text }], PATHS).violations;

const MISSING = [
  ['`server/http/validation.ts` validates requests.', 'server/http/validation.ts'],
  ['Files in `server/pipeline/` are steps.', 'server/pipeline/'],
  ['Run `.ci/check`.', '.ci/check'],
  ['Decisions are in docs/decisions/*.md.', 'docs/decisions/*.md'],
  ['See [the rules](docs/rules.md#errors).', 'docs/rules.md'],
  ['![Overview](docs/images/overview.png)', 'docs/images/overview.png'],
] as const;

for (const [text, path] of MISSING) {
  test(`a path that does not exist is reported: ${text}`, () => {
    assert.deepEqual(violationsIn('README.md', text), [`README.md names ${path}, which does not exist`]);
  });
}

test('a link is relative to its document', () => {
  assert.deepEqual(violationsIn('docs/writing.md', '[README](../README.md) [rules](writing.md)'), []);
  assert.deepEqual(violationsIn('docs/writing.md', '[README](README.md)'), [
    'docs/writing.md names docs/README.md, which does not exist',
  ]);
});

test('existing files, folders, patterns, URLs and paths of other trees are accepted', () => {
  const text = [
    'See `server/http/validate.ts`, server/http/ and `server/http`. Run `.ci/run`.',
    'All of `server/http/*.ts` and [writing](docs/writing.md#glossary); [above](#top).',
    'https://example.com/docs/missing.html, /api/v2/docs, `@scope/server/missing.ts`, dist/server/missing.js',
    '[RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)',
  ].join('\n');
  assert.deepEqual(violationsIn('README.md', text), []);
});

test('all documents of the repository are read', async () => {
  const root = resolve(import.meta.dirname, '../../..');
  const paths = (await readDocuments(root, await listPaths(root))).map(({ path }) => path);
  for (const path of ['README.md', 'ARCHITECTURE-LAYERS.md', 'docs/writing.md', 'examples/README.md']) {
    assert.ok(paths.includes(path), path);
  }
  assert.ok(paths.some((path) => path.startsWith('docs/decisions/')));
  assert.ok(paths.some((path) => path.startsWith('contracts/functional/')));
  assert.ok(!paths.some((path) => path.includes('node_modules')));
});
