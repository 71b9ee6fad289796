// Runs the tests: node dist/test/run.js [--KIND]... [part of a file name]...
//
// Without a flag, it runs every file that needs only Node. With a flag it runs only the files of that kind (name.KIND.test.ts):
// those that need a browser, Python, other languages (generators), a package registry (install), or minutes of faults (faults).
// All files share one Postgres, started here unless IHF_TEST_DATABASE_URL is set.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism, constants } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { startTestPostgres, type TestPostgres, temporaryFolder } from './support/database.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const KINDS = ['browser', 'python', 'generators', 'install', 'faults'];
/** Number of files that run at once. By default Node uses one less than the number of cores. */
const CONCURRENCY = Math.min(4, availableParallelism());

const files = choose(process.argv.slice(2));
process.exitCode = typeof files === 'string' ? fail(files) : await run(files);

/** Returns the test files that match the arguments, or an error message. */
function choose(args: string[]): string[] | string {
  const flags = args.filter((arg) => arg.startsWith('--')).map((flag) => flag.slice(2));
  const parts = args.filter((arg) => !arg.startsWith('--'));
  const unknown = flags.find((flag) => !KINDS.includes(flag));
  if (unknown) return `unknown flag --${unknown}; valid flags are ${KINDS.map((kind) => `--${kind}`).join(', ')}`;
  const found = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.js'))
    // tsc does not delete the output of removed or renamed files.
    .filter((name) => existsSync(join(ROOT, 'test', name.replace(/\.js$/, '.ts'))))
    .filter((name) => {
      const kind = KINDS.find((each) => name.endsWith(`.${each}.test.js`));
      return kind ? flags.includes(kind) : flags.length === 0;
    });
  const chosen = found.filter((name) => parts.length === 0 || parts.some((part) => name.includes(part))).sort();
  if (chosen.length === 0) return `no name of the ${found.length} test files contains ${parts.join(' or ')}`;
  return chosen.map((name) => relative(process.cwd(), join(import.meta.dirname, name)));
}

function fail(reason: string): number {
  console.error(`test: ${reason}.`);
  return 1;
}

/** Runs the files and returns the exit code: that of the tests, or 128 + the number of the signal that interrupted them. */
async function run(files: string[]): Promise<number> {
  let child: ChildProcess | undefined;
  let interrupted: NodeJS.Signals | undefined;
  // A signal is passed on to the tests; Postgres is stopped after they have exited.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      interrupted = signal;
      child?.kill(signal);
    });
  }
  // All temporary folders of the tests are in this one, because an interrupted test does not remove its own.
  const folder = temporaryFolder('ihf-run-');
  process.env.TMPDIR = folder;
  const given = process.env.IHF_TEST_DATABASE_URL;
  let server: TestPostgres | undefined;
  try {
    if (!given) {
      server = await startTestPostgres();
      process.env.IHF_TEST_DATABASE_URL = server.url;
    }
    if (!interrupted) {
      const options = ['--enable-source-maps', '--test', `--test-concurrency=${CONCURRENCY}`, '--test-reporter=spec'];
      child = spawn(process.execPath, [...options, ...files], { stdio: 'inherit' });
      const [status] = (await once(child, 'exit')) as [number | null];
      if (!interrupted) return status ?? 1;
    }
    return 128 + constants.signals[interrupted as NodeJS.Signals];
  } finally {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 }); // servers started by the tests may still be stopping
  }
}
