import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { before, test } from 'node:test';

const ROOT = resolve(import.meta.dirname, '../../..');
const SNIPPETS = 'test/snippets';

interface Run {
  code: number;
  output: string;
}

function run(script: string, args: string[], environment: Record<string, string> = {}): Promise<Run> {
  return new Promise((done) => {
    const options = { cwd: ROOT, env: { ...process.env, ...environment } };
    execFile(process.execPath, [join(ROOT, script), ...args], options, (error, stdout, stderr) =>
      done({ code: error ? Number(error.code) : 0, output: stdout + stderr }),
    );
  });
}

/** The compiler errors of each snippet, each with the indented lines that explain it. */
const errors = new Map<string, string[]>();

before(async () => {
  const { output } = await run('node_modules/typescript/bin/tsc', ['-p', SNIPPETS, '--pretty', 'false']);
  for (const error of output.split(/^(?=\S)/m).filter((text) => text.trim())) {
    const [, name = error] = /^test\/snippets\/([\w-]+)\.ts\(/.exec(error) ?? [];
    errors.set(name, [...(errors.get(name) ?? []), error.trim()]);
  }
});

test('handlers that follow the contract compile, and every other snippet fails', () => {
  assert.deepEqual([...errors.keys()].sort(), ['missing-handler', 'undeclared-status', 'wrong-body', 'wrong-input']);
});

test('a missing handler is a compile error that names it', () => {
  assertOneError('missing-handler', /TS2741: Property 'resolveAnnotation' is missing .* 'Operations<unknown>'/);
});

test('a response with a wrong body is a compile error that names the field', () => {
  assertOneError('wrong-body', /'body\.name' are incompatible .*\s+Type 'number' is not assignable to type 'string'/);
});

test('a response with an undeclared status is a compile error that names it', () => {
  assertOneError('undeclared-status', /property 'status' are incompatible\.\s+Type '202' is not assignable/);
});

test('a parameter that the contract does not declare is a compile error that names it', () => {
  assertOneError('wrong-input', /Property 'hubId' does not exist .* Did you mean 'hub_id'/);
});

function assertOneError(snippet: string, expected: RegExp): void {
  const found = errors.get(snippet) ?? [];
  assert.equal(found.length, 1);
  assert.match(found[0] as string, expected);
}

test('generated files are up to date, independent of locale and time zone', async () => {
  for (const environment of [
    { LC_ALL: 'C', TZ: 'UTC' },
    { LC_ALL: 'tr_TR.UTF-8', TZ: 'Asia/Tokyo' },
  ]) {
    assert.deepEqual(await run('dist/codegen/cli.js', ['--check'], environment), {
      code: 0,
      output: 'All generated files are up to date.\n',
    });
  }
});
