import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Document } from '../../codegen/document.ts';
import type { GeneratorProperties } from '../../codegen/generator-input.ts';
import { UsageError } from './command.ts';

/** The last release of the npm package that declares Node 20; it brings any version of the generator. */
const WRAPPER = '@openapitools/openapi-generator-cli@2.35.0';
export const GENERATOR_VERSION = '7.25.0';

export interface Generation {
  generator: string;
  document: Document;
  properties: GeneratorProperties;
  out: string;
}

/** Lets openapi-generator write a client into a folder, which has it whole or stays as it was. */
export async function generateClient({ generator, document, properties, out }: Generation): Promise<void> {
  const java = await run('java', ['-version'], tmpdir());
  if (java.missing) throw new Error('openapi-generator needs Java 11 or later, and there is no java on the PATH.');
  if (java.code !== 0) throw new Error(`java does not start: ${lastLine(java.said)}`);
  const folder = await mkdtemp(join(tmpdir(), 'ihf-generate-'));
  try {
    const written = join(folder, 'client');
    const config = { ...properties, generatorName: generator, inputSpec: 'openapi.json', outputDir: written };
    await writeJson(join(folder, 'openapi.json'), document);
    await writeJson(join(folder, 'client.json'), config);
    await writeJson(join(folder, 'openapitools.json'), { 'generator-cli': { version: GENERATOR_VERSION } });
    // With it npm looks for the package here, and in no folder above that may be anybody's.
    await writeJson(join(folder, 'package.json'), { private: true });
    // The wrapper hands its arguments to a shell: whatever a user says stays in the file.
    const command = ['openapi-generator-cli', 'generate', '-c', 'client.json'];
    const npm = ['exec', '--yes', '--ignore-scripts', '--loglevel=error', `--package=${WRAPPER}`, '--', ...command];
    const result = await run('npm', npm, folder);
    if (result.missing) throw new Error('openapi-generator comes from npm, and there is no npm on the PATH.');
    if (result.code !== 0) throw failureOf(generator, result.said);
    await mkdir(out, { recursive: true });
    await cp(written, out, { recursive: true });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Result {
  code: number | null;
  /** Both its outputs. */
  said: string;
  missing?: true;
}

function run(command: string, args: readonly string[], cwd: string): Promise<Result> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, PWD: cwd }, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += data));
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') resolve({ code: null, said, missing: true });
      else reject(error);
    });
    child.once('close', (code) => resolve({ code, said }));
  });
}

/** What went wrong, in one line of the many that were said. */
function failureOf(generator: string, said: string): Error {
  const [, names] = /Can't load config class.*\nAvailable:\n([\s\S]*)/.exec(said) ?? [];
  if (names) {
    const known = names.split('\n').map((name) => name.trim());
    const near = known.filter((name) => name && (name.includes(generator) || generator.includes(name)));
    const hint = near.length > 0 ? ` It has ${near.slice(0, 8).join(', ')}.` : '';
    return new UsageError(
      `openapi-generator ${GENERATOR_VERSION} has no generator '${generator}'.${hint} All: https://openapi-generator.tech/docs/generators`,
    );
  }
  const [, download] = /Download failed, because of: "(.*)"/.exec(said) ?? [];
  if (download)
    return new Error(`openapi-generator ${GENERATOR_VERSION} cannot be fetched from Maven Central: ${download}`);
  const [, npm] = /npm error (?:code .*\n)?(?:npm error (?:errno|syscall|\w+) .*\n)*npm error (.*)/.exec(said) ?? [];
  if (npm) return new Error(`${WRAPPER} cannot be fetched from npm: ${npm}`);
  const [thrown] = /^.*(?:Exception|Error): .*$/m.exec(said) ?? [];
  const [, fault] = /^Errors: *\n\s*-(.*)$/m.exec(said) ?? [];
  return new Error(`openapi-generator failed: ${fault ?? thrown ?? lastLine(said)}`);
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}

function writeJson(path: string, value: unknown): Promise<void> {
  return writeFile(path, JSON.stringify(value));
}
