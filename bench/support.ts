import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import autocannon from 'autocannon';
import { createDemo, type Demo } from '../server/demo.ts';
import { startPostgres } from '../server/postgres/launcher.ts';
import { openDatabase } from '../server/store/database/database.ts';

const MAIN = resolve(import.meta.dirname, '../server/main.js');
/** Required for a database that several nodes share. */
const SECRET_KEY = Buffer.alloc(32).toString('base64');

export interface ServerProcess {
  url: string;
  pid: number;
  stop(): Promise<void>;
}

/** `full`, or `smoke` if the benchmark runs only to show that it still runs (`bench/smoke.ts`). */
export function scaled(full: number, smoke: number): number {
  return process.env.IHF_BENCH_SMOKE ? smoke : full;
}

/** Starts a Postgres in a temporary folder with the settings of the embedded one. */
export async function benchPostgres(): Promise<{ url: string; stop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'ihf-bench-'));
  await chmod(folder, 0o755);
  const postgres = await startPostgres({ dataDir: folder });
  return {
    url: postgres.url,
    stop: async () => {
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Starts a server script and waits until it prints its URL. */
export async function startServer(
  databaseUrl: string,
  script = MAIN,
  environment: Record<string, string> = {},
): Promise<ServerProcess> {
  const child: ChildProcess = spawn(process.execPath, [script], {
    env: {
      ...process.env,
      ...{ DATABASE_URL: databaseUrl, PORT: '0', NODE_ENV: 'production', IHF_SECRET_KEY: SECRET_KEY },
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((found, failed) => {
    child.once('exit', (code) => failed(new Error(`${script} exited with ${code}`)));
    child.stdout?.on('data', (data) => {
      const [printed] = /http:\/\/127\.0\.0\.1:\d+/.exec(String(data)) ?? [];
      if (printed) found(printed);
    });
  });
  const ended = new Promise((done) => child.once('exit', done));
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  return { url, pid: child.pid as number, stop };
}

/** CPU time in milliseconds of a process and of the children it has waited for. Linux only. */
export function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  const ticks = [11, 12, 13, 14].reduce((sum, field) => sum + Number(fields[field]), 0);
  return ticks * 10;
}

/** CPU time in milliseconds of all Postgres processes of the machine, or of one postmaster and its children. */
export function cpuOfPostgres(postmaster?: number): number {
  let sum = 0;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      if (readFileSync(`/proc/${name}/comm`, 'utf8').trim() !== 'postgres') continue;
      if (postmaster === undefined || Number(name) === postmaster || parentOf(Number(name)) === postmaster) {
        sum += cpuOf(Number(name));
      }
    } catch {
      // It has exited; its parent accounts for its time.
    }
  }
  return sum;
}

export function parentOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[1]);
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => percentile(values, 0.5);

/** Creates a hub with a widget and a key that no limit stops. The database must be migrated and have no hub. */
export async function benchCaller(databaseUrl: string): Promise<Demo> {
  const database = openDatabase(databaseUrl, { connections: 1 });
  const demo = await createDemo(database, true);
  await database.query('update api_consumers set rate_per_minute = 2000000000, daily_quota = 2000000000');
  await database.close();
  if (!demo) throw new Error('The database already has a hub');
  return demo;
}

export interface LoadFigures {
  perSecond: number;
  /** CPU time in microseconds per request. */
  nodeMicros: number;
  postgresMicros: number;
  /** Latencies in milliseconds. */
  mean: number;
  p50: number;
  p99: number;
}

export interface LoadOptions {
  caller: Demo;
  body: string;
  connections: number;
  seconds: number;
  /** Counts the CPU time of this postmaster and its children only. */
  postmaster?: number;
  /** Milliseconds to wait for deferred work, such as the request log, whose CPU time belongs to the load. */
  settle?: number;
}

/** Posts events for some seconds. Throws if a request fails. */
export async function measureEventPosts(server: ServerProcess, options: LoadOptions): Promise<LoadFigures> {
  const { caller, body, connections, seconds, postmaster, settle = 0 } = options;
  const [node, postgres] = [cpuOf(server.pid), cpuOfPostgres(postmaster)];
  const result = await autocannon({
    url: `${server.url}/api/v2/interaction-events`,
    ...{ method: 'POST', headers: jsonHeaders(caller), body, connections, duration: seconds },
  });
  if (result.non2xx > 0 || result.errors > 0) throw new Error(`${result.non2xx} rejected, ${result.errors} failed`);
  await sleep(settle);
  const count = result['2xx'];
  return {
    perSecond: count / result.duration,
    nodeMicros: ((cpuOf(server.pid) - node) * 1000) / count,
    postgresMicros: ((cpuOfPostgres(postmaster) - postgres) * 1000) / count,
    mean: result.latency.mean,
    p50: result.latency.p50,
    p99: result.latency.p99,
  };
}

/** Headers of a JSON request with the caller's key. */
export const jsonHeaders = ({ key }: Demo): Record<string, string> => ({
  Authorization: `Bearer ${key}`,
  'Content-Type': 'application/json',
});

/** Posts JSON; throws unless the response has the expected status. */
export async function post<T>(url: string, caller: Demo, body: unknown, expected = 201): Promise<T> {
  const response = await fetch(url, { method: 'POST', headers: jsonHeaders(caller), body: JSON.stringify(body) });
  const text = await response.text();
  if (response.status !== expected) throw new Error(`${url}: ${response.status} ${text}`);
  return JSON.parse(text) as T;
}
