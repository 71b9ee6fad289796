import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import type { Document } from '../../codegen/document.ts';
import { generatorInput, generatorProperties } from '../../codegen/generator-input.ts';
import { liveDocument } from '../../codegen/live.ts';
import { authored, registryValue } from '../support/contract.ts';
import { temporaryFolder } from '../support/database.ts';

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, '../../..');
const CLI = join(ROOT, 'dist/server/cli/main.js');
const OPENAPI = join(ROOT, 'openapi.yaml');

const folder = temporaryFolder('ihf-generate-');
const out = join(folder, 'client');
after(() => rmSync(folder, { recursive: true, force: true }));

/** The line by which a call is refused that needs no database: none can be reached. */
async function refusal(options: Record<string, string>, env: Record<string, string> = {}): Promise<string> {
  const argv = Object.entries({ generator: 'go', out, ...options }).flatMap(([name, value]) => [`--${name}`, value]);
  const environment = { ...process.env, DATABASE_URL: 'postgres://127.0.0.1:9/none', ...env };
  const command = [CLI, 'sdk', 'generate', ...argv, '--json'];
  const { code, stdout, stderr } = await run(process.execPath, command, { env: environment }).catch((error) => error);
  assert.notEqual(code, 0);
  assert.deepEqual([stdout, stderr.trim().split('\n').length], ['', 1]);
  assert.ok(!existsSync(out), 'nothing is written');
  return stderr.trim();
}

test('invalid options are rejected with a remedy', async () => {
  const file = OPENAPI;
  const used = join(folder, 'used');
  mkdirSync(used);
  writeFileSync(join(used, 'main.go'), 'package main');
  const prose = join(folder, 'prose.txt');
  writeFileSync(prose, 'no: contract');
  const cases: [options: Record<string, string>, line: RegExp][] = [
    [{ file, out: used }, /--out is '.*used', which is not empty\. Empty it, or name a new folder\.$/],
    [{ file, out: prose }, /--out is '.*prose\.txt', which is no folder/],
    [{ file, hub: 'http://127.0.0.1:1' }, /--hub or --file, not both/],
    [{ file, properties: 'packageName' }, /--properties has 'packageName'\. It goes: name=value,name=value$/],
    [{ file: join(folder, 'nowhere.yaml') }, /--file is '.*nowhere\.yaml', which cannot be read: ENOENT/],
    [{ file: prose }, /prose\.txt holds no contract\. It is no OpenAPI 3 document/],
    [{ hub: 'localhost:3000' }, /--hub is 'localhost:3000'\. It is an address, http:/],
    [{ hub: 'http://127.0.0.1:2' }, /The hub http:\/\/127\.0\.0\.1:2 cannot be reached: connect ECONNREFUSED/],
    [{ file, generator: '' }, /--generator is missing/],
  ];
  for (const [options, line] of cases) assert.match(await refusal(options), line);
});

test('a missing Java is reported', async () => {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  symlinkSync(process.execPath, join(bin, 'node'));
  const line = await refusal({ file: OPENAPI }, { PATH: bin });
  assert.equal(line, 'ihf: openapi-generator needs Java 11 or later, and there is no java on the PATH.');
});

test('a client has the operations it can call and the URL of the server', () => {
  const words = [registryValue('double_clicked'), registryValue('clicked')];
  const published = liveDocument(authored, { event_types: words, widget_types: [], annotation_categories: [] }, 12);
  const before = JSON.stringify(published);
  const input = generatorInput(published, 'go', 'https://hub.example/base/');
  assert.equal(JSON.stringify(published), before);
  assert.deepEqual(
    [input.info.version, input.info.description, input.servers, input.webhooks],
    ['2.0.12', published.info.summary, [{ ...serverOf(published), url: 'https://hub.example/base' }], undefined],
  );
  assert.equal(input.paths['/api/v2/sdk/ihf-client.tgz']?.get, undefined);
  assert.deepEqual(input.components, published.components);
  const names = (generator: string) =>
    generatorInput(published, generator).components.schemas.EventType?.['x-enum-varnames'];
  assert.deepEqual([names('java'), names('rust')], [['CLICKED', 'DOUBLE_CLICKED'], undefined]);
  assert.deepEqual(generatorInput(published, 'go').servers, published.servers);
});

test('a client accepts properties that are newer than itself, and enum constants do not collide', () => {
  assert.deepEqual(generatorProperties('java'), { disallowAdditionalPropertiesIfNotPresent: 'false' });
  assert.equal(generatorProperties('go').enumClassPrefix, 'true');
});

function serverOf({ servers }: Document): object {
  return (servers as object[])[0] as object;
}
