import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createDemo, type Demo } from '../server/demo.ts';
import { startPostgres } from '../server/postgres/launcher.ts';
import { openDatabase } from '../server/store/database/database.ts';

const HUB = resolve(import.meta.dirname, '../server/main.js');
/** A shared database asks for a key. */
const SECRET_KEY = Buffer.alloc(32).toString('base64');

export interface ServerProcess {
  url: string;
  pid: number;
  stop(): Promise<void>;
}

/** A real Postgres in a temporary folder, as durable as the hub's own. */
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

/** Starts a server script and waits until it prints the address it listens on. */
export async function startServer(databaseUrl: string, script = HUB): Promise<ServerProcess> {
  const child: ChildProcess = spawn(process.execPath, [script], {
    env: {
      ...process.env,
      ...{ DATABASE_URL: databaseUrl, PORT: '0', NODE_ENV: 'production', IHF_SECRET_KEY: SECRET_KEY },
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((found, failed) => {
    child.once('exit', (code) => failed(new Error(`${script} ended with ${code}`)));
    child.stdout?.on('data', (data) => {
      const [address] = /http:\/\/127\.0\.0\.1:\d+/.exec(String(data)) ?? [];
      if (address) found(address);
    });
  });
  const ended = new Promise((done) => child.once('exit', done));
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  return { url, pid: child.pid as number, stop };
}

/** Milliseconds of CPU that a process has used, with the children it has waited for. Linux alone. */
export function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  const ticks = [11, 12, 13, 14].reduce((sum, field) => sum + Number(fields[field]), 0);
  return ticks * 10;
}

/** Milliseconds of CPU of all Postgres processes on this machine, or of one postmaster and its children. */
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
      // It ended meanwhile; its parent has its time.
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

/** A widget to report on, with a key that may. The database has its tables already, and no hub yet. */
export async function benchCaller(databaseUrl: string): Promise<Demo> {
  const database = openDatabase(databaseUrl, { connections: 1 });
  const demo = await createDemo(database);
  await database.close();
  if (!demo) throw new Error('The database has a hub already');
  return demo;
}

/** The headers of a caller who sends JSON. */
export const as = ({ key }: Demo): Record<string, string> => ({
  Authorization: `Bearer ${key}`,
  'Content-Type': 'application/json',
});

/** Posts JSON, and fails on anything but the status that is expected. */
export async function post<T>(url: string, caller: Demo, body: unknown, expected = 201): Promise<T> {
  const response = await fetch(url, { method: 'POST', headers: as(caller), body: JSON.stringify(body) });
  const text = await response.text();
  if (response.status !== expected) throw new Error(`${url}: ${response.status} ${text}`);
  return JSON.parse(text) as T;
}
