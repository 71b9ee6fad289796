import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Document } from '../../codegen/document.ts';
import type { GeneratorProperties } from '../../codegen/generator-input.ts';
import { generatorError, lastLine } from './openapi-generator-error.ts';

/** The last release of the npm package that supports Node 20; it runs any version of the generator. */
export const WRAPPER = '@openapitools/openapi-generator-cli@2.35.0';
export const GENERATOR_VERSION = '7.25.0';

export interface Generation {
  generator: string;
  document: Document;
  properties: GeneratorProperties;
  out: string;
}

/** Runs openapi-generator. `out` receives the whole client, or nothing when it fails. */
export async function generateClient({ generator, document, properties, out }: Generation): Promise<void> {
  const java = await run('java', ['-version'], tmpdir());
  if (java.missing)
    throw new Error('openapi-generator requires Java 11 or later. Install it and put java on the PATH.');
  if (java.code !== 0) throw new Error(`java does not start: ${lastLine(java.output)}`);
  const folder = await mkdtemp(join(tmpdir(), 'ihf-generate-'));
  try {
    const written = join(folder, 'client');
    const config = { ...properties, generatorName: generator, inputSpec: 'openapi.json', outputDir: written };
    await writeJson(join(folder, 'openapi.json'), document);
    await writeJson(join(folder, 'client.json'), config);
    await writeJson(join(folder, 'openapitools.json'), { 'generator-cli': { version: GENERATOR_VERSION } });
    // Keeps npm from looking for the package in a parent folder, which other users may be able to write.
    await writeJson(join(folder, 'package.json'), { private: true });
    // The wrapper passes its arguments to a shell: user input stays in the file.
    const command = ['openapi-generator-cli', 'generate', '-c', 'client.json'];
    const npm = ['exec', '--yes', '--ignore-scripts', '--loglevel=error', `--package=${WRAPPER}`, '--', ...command];
    const result = await run('npm', npm, folder);
    if (result.missing) throw new Error('openapi-generator is installed by npm. Put npm on the PATH.');
    if (result.code !== 0) {
      throw generatorError(result.output, { generator, version: GENERATOR_VERSION, npmPackage: WRAPPER });
    }
    await mkdir(out, { recursive: true });
    await cp(written, out, { recursive: true });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface RunResult {
  code: number | null;
  /** Standard output and standard error. */
  output: string;
  /** There is no such program on the PATH. */
  missing?: true;
}

function run(command: string, args: readonly string[], cwd: string): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, PWD: cwd }, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') resolve({ code: null, output, missing: true });
      else reject(error);
    });
    child.once('close', (code) => resolve({ code, output }));
  });
}

function writeJson(path: string, value: unknown): Promise<void> {
  return writeFile(path, JSON.stringify(value));
}
