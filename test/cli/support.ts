import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';

const MAIN = resolve(import.meta.dirname, '../../server/cli/main.js');

export interface CliRun {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs `ihf` as an operator does, in its own process: `npm run -s ihf -- …argv`. Resolves however it exits. */
export function runCli(argv: readonly string[], environment: Record<string, string> = {}): Promise<CliRun> {
  const env = { ...process.env, DATABASE_URL: '', ...environment };
  return new Promise((done) => {
    execFile(process.execPath, [MAIN, ...argv], { env }, (error, stdout, stderr) => {
      done({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

/** Runs `ihf … --json`, which must succeed and print one JSON document and nothing else. */
export async function cliJson<T = Record<string, string>>(
  argv: readonly string[],
  environment?: Record<string, string>,
): Promise<T> {
  const { code, stdout, stderr } = await runCli([...argv, '--json'], environment);
  assert.deepEqual([code, stderr], [0, ''], argv.join(' '));
  return JSON.parse(stdout);
}

/** Runs `ihf … --json`, which must fail with one line on standard error and nothing on standard output. */
export async function cliError(
  argv: readonly string[],
  environment?: Record<string, string>,
): Promise<{ line: string; code: number }> {
  const { code, stdout, stderr } = await runCli([...argv, '--json'], environment);
  assert.notEqual(code, 0, `ihf ${argv.join(' ')} succeeded`);
  assert.equal(stdout, '');
  assert.match(stderr, /^ihf: [^\n]+\n$/);
  return { line: stderr.trim(), code };
}
