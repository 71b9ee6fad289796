import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { temporaryFolder } from '../support/database.ts';
import { cliError, cliJson } from './support.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const OPENAPI = join(ROOT, 'openapi.yaml');

const folder = temporaryFolder('ihf-generate-');
const out = join(folder, 'client');
after(() => rmSync(folder, { recursive: true, force: true }));

/** The error of a call that needs no database: none can be reached. Nothing is written. */
async function rejected(options: Record<string, string>, environment: Record<string, string> = {}): Promise<string> {
  const argv = Object.entries({ generator: 'go', out, ...options }).flatMap(([name, value]) => [`--${name}`, value]);
  const unreachable = { DATABASE_URL: 'postgres://127.0.0.1:9/none' };
  const { line } = await cliError(['sdk', 'generate', ...argv], { ...unreachable, ...environment });
  assert.ok(!existsSync(out), 'nothing is written');
  return line;
}

test('invalid options are rejected with a remedy', async () => {
  const file = OPENAPI;
  const used = join(folder, 'used');
  mkdirSync(used);
  writeFileSync(join(used, 'main.go'), 'package main');
  const prose = join(folder, 'prose.txt');
  writeFileSync(prose, 'no: contract');
  const cases: [options: Record<string, string>, line: RegExp][] = [
    [{ file, out: used }, /--out must be empty \(got '.*used'\)\. Empty it or use a new directory\.$/],
    [{ file, out: prose }, /--out must be a directory \(got '.*prose\.txt'\)/],
    [{ file, server: 'http://127.0.0.1:1' }, /--server and --file exclude each other\. Use one of them\.$/],
    [{ file, properties: 'packageName' }, /--properties must be NAME=VALUE,NAME=VALUE \(got 'packageName'\)\.$/],
    [{ file: join(folder, 'nowhere.yaml') }, /--file must be a readable file \(got '.*nowhere\.yaml'\): ENOENT/],
    [{ file: prose }, /prose\.txt is not a contract\./],
    [{ server: 'localhost:3000' }, /--server must be an HTTP URL such as http:.* \(got 'localhost:3000'\)\.$/],
    [{ server: 'http://127.0.0.1:2' }, /Cannot reach the server http:\/\/127\.0\.0\.1:2: connect ECONNREFUSED/],
    [{ file, generator: '' }, /--generator needs a value/],
  ];
  for (const [options, line] of cases) assert.match(await rejected(options), line);
});

test('a missing Java is reported', async () => {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  symlinkSync(process.execPath, join(bin, 'node'));
  const line = await rejected({ file: OPENAPI }, { PATH: bin });
  assert.equal(line, 'ihf: openapi-generator requires Java 11 or later. Install it and put java on the PATH.');
});

test('ihf-typescript makes a client of any document', async () => {
  const file = join(ROOT, 'node_modules/@readme/oas-examples/3.0/yaml/petstore.yaml');
  const target = join(folder, 'petstore');
  const argv = ['sdk', 'generate', '--generator', 'ihf-typescript', '--file', file, '--out', target];
  const result = await cliJson(argv, { DATABASE_URL: 'postgres://127.0.0.1:9/none' });
  assert.deepEqual(result, {
    ...{ out: target, generator: 'ihf-typescript', file: 'swagger-petstore-client.ts' },
    ...{ class: 'SwaggerPetstoreClient', operations: 20 },
  });
  assert.match(readFileSync(join(target, 'swagger-petstore-client.ts'), 'utf8'), /class SwaggerPetstoreClient \{/);
});

test('ihf-typescript names the file, the line and the pointer of what it cannot generate', async () => {
  const file = join(folder, 'wrong.yaml');
  writeFileSync(file, 'openapi: 3.1.0\npaths: {}\ncomponents:\n  schemas:\n    Pet:\n      type: objekt\n');
  const line = await rejected({ generator: 'ihf-typescript', file });
  assert.match(line, /wrong\.yaml:5: #\/components\/schemas\/Pet: 'objekt' is not a type\. Use one of string, /);
});
