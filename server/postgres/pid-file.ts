import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataDir } from './data-dir.ts';

/** The content of postmaster.pid: the Postgres that runs on a cluster. */
export interface PidFile {
  pid: number;
  port: number;
  /** As Postgres writes it: starting, ready or stopping. */
  status: string;
}

/** The data directory is in use: a cluster can have one postmaster. */
export class AlreadyRunningError extends Error {
  constructor(name: string, pid: number) {
    super(
      `Another server is already running on the data directory ${name} (Postgres pid ${pid}). ` +
        'Stop it, set IHF_DATA_DIR to another directory, or set DATABASE_URL to share one database.',
    );
    this.name = 'AlreadyRunningError';
  }
}

/** Reads postmaster.pid of a cluster, which a killed Postgres leaves behind. Undefined if there is none. */
export function readPidFile(cluster: string): PidFile | undefined {
  let lines: string[];
  try {
    lines = readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(
      `Cannot read the Postgres data in ${cluster}: ${(error as Error).message}. ` +
        'Run as the user that owns it, or set IHF_DATA_DIR to another directory.',
    );
  }
  const pid = Number(lines[0]);
  // Postgres writes line by line while it starts: a short file means that it is starting.
  return pid > 0 ? { pid, port: Number(lines[3] ?? 0), status: lines[7]?.trim() || 'starting' } : undefined;
}

/** The Postgres that runs on the cluster, if any. A stale postmaster.pid is ignored, even if its pid is in use again. */
export function findRunning(cluster: string): PidFile | undefined {
  const file = readPidFile(cluster);
  return file && isPostgresOn(file.pid, cluster) ? file : undefined;
}

/**
 * Waits for a Postgres that is shutting down, and removes a stale postmaster.pid.
 *
 * @throws {AlreadyRunningError} when Postgres keeps running.
 */
export async function waitUntilFree({ cluster, name }: DataDir): Promise<void> {
  const started = Date.now();
  for (let running = findRunning(cluster); running; running = findRunning(cluster)) {
    // After a crash of node, its Postgres is still ready until the watchdog stops it. A last checkpoint takes longer.
    const timeout = running.status === 'stopping' ? 30_000 : 3_000;
    if (Date.now() - started > timeout) throw new AlreadyRunningError(name, running.pid);
    await sleep(20);
  }
  // Postgres discards the file of a dead pid, but does not start if any process of its user has that pid now.
  const stale = readPidFile(cluster);
  if (stale && isAlive(stale.pid) && !isPostgresOn(stale.pid, cluster)) rmSync(join(cluster, 'postmaster.pid'));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Reads the command line, which every user may read. Root in a container may lack the right to read the working directory. */
function isPostgresOn(pid: number, cluster: string): boolean {
  try {
    if (process.platform !== 'linux') {
      const command = execFileSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
      return /postgres/.test(command) && command.includes(` -D ${cluster} `);
    }
    const [program, ...args] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return basename(program ?? '') === 'postgres' && args.includes(cluster);
  } catch {
    return false;
  }
}
