// Runs every benchmark with little data for about a second, to show that it still runs. Prints no figures worth keeping.
// node dist/bench/smoke.js [part of a name]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

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

/** Runs a script in its own process group, so that the processes it starts end with it. Returns its output. */
async function runScript(script: string, args: readonly string[]): Promise<{ ok: boolean; output: string }> {
  const env = { ...process.env, IHF_BENCH_SMOKE: '1' };
  const child = spawn(process.execPath, [script, ...args], { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
  const timer = setTimeout(() => {
    output += `\nIt did not finish in ${TIMEOUT_MS / 1000} s.`;
    killGroup(child.pid);
  }, TIMEOUT_MS);
  const [code] = await once(child, 'exit');
  clearTimeout(timer);
  killGroup(child.pid);
  return { ok: code === 0, output };
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid) process.kill(-pid, 'SIGKILL');
  } catch {
    // All of its processes have exited.
  }
}

async function run(name: string): Promise<boolean> {
  const started = performance.now();
  for (const args of ARGUMENTS[name] ?? [[]]) {
    const { ok, output } = await runScript(join(import.meta.dirname, `${name}.js`), args);
    if (!ok) {
      console.error(`${name} failed:\n${output}`);
      return false;
    }
  }
  console.log(`${name}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return true;
}

const results: boolean[] = [];
const waiting = [...names];
const worker = async () => {
  for (let name = waiting.shift(); name; name = waiting.shift()) results.push(await run(name));
};
await Promise.all([worker(), worker()]);
rmSync(folder, { recursive: true, force: true });
process.exitCode = names.length > 0 && results.every(Boolean) ? 0 : 1;
