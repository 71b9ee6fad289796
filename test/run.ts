// Runs the tests: node dist/test/run.js [--browser] [--python] [--generators] [part of a file name]...
//
// Without a flag: every file that needs nothing but Node. With one: only those that need a browser, Python, or Go, Java and
// Rust.
// All of them share one Postgres, started here unless IHF_TEST_DATABASE_URL names one.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism, constants } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { startTestPostgres, type TestPostgres, temporaryFolder } from './support/database.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const KINDS = ['browser', 'python', 'generators'];
/** So many files at once, each with hubs of its own on the one Postgres. Node itself leaves a core out. */
const CONCURRENCY = Math.min(4, availableParallelism());

const files = choose(process.argv.slice(2));
process.exitCode = typeof files === 'string' ? fail(files) : await run(files);

/** The test files that the arguments ask for, or why there are none. */
function choose(args: string[]): string[] | string {
  const flags = args.filter((arg) => arg.startsWith('--')).map((flag) => flag.slice(2));
  const parts = args.filter((arg) => !arg.startsWith('--'));
  const unknown = flags.find((flag) => !KINDS.includes(flag));
  if (unknown) return `unknown flag --${unknown}; known are ${KINDS.map((kind) => `--${kind}`).join(', ')}`;
  const found = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.js'))
    // tsc leaves the output of a file that was since removed or renamed.
    .filter((name) => existsSync(join(ROOT, 'test', name.replace(/\.js$/, '.ts'))))
    .filter((name) => {
      const kind = KINDS.find((each) => name.endsWith(`.${each}.test.js`));
      return kind ? flags.includes(kind) : flags.length === 0;
    });
  const chosen = found.filter((name) => parts.length === 0 || parts.some((part) => name.includes(part))).sort();
  if (chosen.length === 0) return `none of the ${found.length} test files has a name with ${parts.join(' or ')} in it`;
  return chosen.map((name) => relative(process.cwd(), join(import.meta.dirname, name)));
}

function fail(reason: string): number {
  console.error(`test: ${reason}.`);
  return 1;
}

/** Runs the files and answers with the exit code: that of the tests, or 128 + the signal that interrupted them. */
async function run(files: string[]): Promise<number> {
  let child: ChildProcess | undefined;
  let interrupted: NodeJS.Signals | undefined;
  // The tests end first, the server after them: a signal is passed on and then waited for.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      interrupted = signal;
      child?.kill(signal);
    });
  }
  // The temporary folder of every test is in this one, since a test that is interrupted removes nothing.
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
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 }); // the tests' own servers may still be ending
  }
}
