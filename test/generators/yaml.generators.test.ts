import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { temporaryFolder } from '../support/database.ts';
import { hostileDocument } from '../support/hostile-yaml.ts';

const run = promisify(execFile);
const SNAKEYAML = '2.3';

const folder = temporaryFolder('ihf-snakeyaml-');
after(() => rmSync(folder, { recursive: true, force: true }));

const READER = `
import java.nio.file.*;
import org.yaml.snakeyaml.Yaml;

class Reader {
  public static void main(String[] files) throws Exception {
    Object yaml = new Yaml().load(Files.newInputStream(Path.of(files[0])));
    Object json = new Yaml().load(Files.newInputStream(Path.of(files[1])));
    System.out.println(yaml.equals(json) + " " + (yaml instanceof java.util.Map));
  }
}
`;

test('SnakeYAML, a reader of YAML 1.1, reads openapi.yaml as the same document as openapi.json', async () => {
  const { yaml, json } = hostileDocument();
  writeFileSync(join(folder, 'openapi.yaml'), yaml);
  // JSON in ASCII is YAML 1.1 too, so that the same reader can read both.
  writeFileSync(join(folder, 'openapi.json'), json.replace(/[^\n -~]/g, asciiEscape));
  writeFileSync(join(folder, 'Reader.java'), READER);
  const copy = ['dependency:copy', `-Dartifact=org.yaml:snakeyaml:${SNAKEYAML}`, '-DoutputDirectory=.'];
  await run('mvn', ['--quiet', '--batch-mode', ...copy], { cwd: folder });
  const command = ['-cp', `snakeyaml-${SNAKEYAML}.jar`, 'Reader.java', 'openapi.yaml', 'openapi.json'];
  assert.equal((await run('java', command, { cwd: folder })).stdout, 'true true\n');
});

function asciiEscape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
