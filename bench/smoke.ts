// Runs every benchmark with little data for about a second, to show that it still runs. Prints no figures worth keeping.
// node dist/bench/smoke.js [part of a name]
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const exec = promisify(execFile);
const SOURCES = resolve(import.meta.dirname, '../../bench');
const TIMEOUT_MS = 300_000;

const folder = mkdtempSync(join(tmpdir(), 'ihf-bench-smoke-'));
/** The runs of benchmarks that need arguments; one run without arguments for every other. */
const ARGUMENTS: Readonly<Record<string, readonly string[][]>> = {
  dashboard: [
    ['fill', join(folder, 'dashboard'), '20000'],
    ['measure', join(folder, 'dashboard')],
  ],
};

/** The benchmarks: every file with its command line in its first comment. */
const names = readdirSync(SOURCES)
  .filter((file) => file.endsWith('.ts') && file !== 'smoke.ts' && file.includes(process.argv[2] ?? ''))
  .map((file) => file.replace(/\.ts$/, ''))
  .filter((name) => readFileSync(join(SOURCES, `${name}.ts`), 'utf8').includes(`\n// node dist/bench/${name}.js`));

async function run(name: string): Promise<boolean> {
  const started = performance.now();
  const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
  const options = { env: { ...process.env, IHF_BENCH_SMOKE: '1' }, timeout: TIMEOUT_MS };
  try {
    for (const args of ARGUMENTS[name] ?? [[]]) {
      await exec(process.execPath, [join(import.meta.dirname, `${name}.js`), ...args], options);
    }
    console.log(`${name}: ${seconds()}`);
    return true;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    console.error(`${name} failed after ${seconds()}:\n${stdout}${stderr || (error as Error).message}`);
    return false;
  }
}

const results: boolean[] = [];
const waiting = [...names];
const worker = async () => {
  for (let name = waiting.shift(); name; name = waiting.shift()) results.push(await run(name));
};
await Promise.all([worker(), worker()]);
rmSync(folder, { recursive: true, force: true });
process.exitCode = names.length > 0 && results.every(Boolean) ? 0 : 1;
