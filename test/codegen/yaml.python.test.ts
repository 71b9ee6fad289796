import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { temporaryFolder } from '../support/database.ts';
import { hostileDocument } from '../support/hostile-yaml.ts';
import { testServer } from '../support/server.ts';
import { ALLOWED } from '../support/unsafe-characters.ts';

const run = promisify(execFile);
const PYTHON = process.env.IHF_PYTHON ?? 'python3';

const folder = temporaryFolder('ihf-yaml-');
after(() => rmSync(folder, { recursive: true, force: true }));

/** Fails unless PyYAML, a reader of YAML 1.1, reads the same values as Python's reader of JSON. */
async function assertSameInPyYaml(yaml: string, json: string): Promise<void> {
  writeFileSync(join(folder, 'openapi.yaml'), yaml);
  writeFileSync(join(folder, 'openapi.json'), json);
  const script = [
    'import json, yaml',
    "read_yaml = yaml.safe_load(open('openapi.yaml', 'rb'))",
    "read_json = json.load(open('openapi.json', 'rb'))",
    'print(read_yaml == read_json, len(read_json["paths"]) > 5)',
  ].join('\n');
  assert.equal((await run(PYTHON, ['-c', script], { cwd: folder })).stdout, 'True True\n');
}

test('PyYAML reads openapi.yaml as the same document as openapi.json, with every text that operators can write', async () => {
  const server = await testServer();
  try {
    for (const [index, text] of ALLOWED.entries()) {
      const { response } = await server.installation.POST('/api/v2/registries/{registry}/values', {
        params: { path: { registry: 'event_types' } },
        body: { name: `odd_${index}`, label: text, description: `${text}\n\ttwo lines \n` },
      });
      assert.equal(response.status, 201);
    }
    const [yaml, json] = await Promise.all(
      ['yaml', 'json'].map(async (format) => (await fetch(`${server.url}/api/v2/openapi.${format}`)).text()),
    );
    for (const text of ALLOWED) assert.ok(json?.includes(JSON.stringify(`${text}\n\ttwo lines \n`)), text);
    await assertSameInPyYaml(yaml as string, json as string);
  } finally {
    await server.close();
  }
});

test('PyYAML reads the YAML of texts stored before unsafe characters were rejected', async () => {
  const { yaml, json } = hostileDocument();
  await assertSameInPyYaml(yaml, json);
});
