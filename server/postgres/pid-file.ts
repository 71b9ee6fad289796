import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataDir } from './data-dir.ts';

/** A Postgres server at work on a cluster. */
export interface LiveServer {
  pid: number;
  port: number;
  /** As Postgres writes it: starting, ready, stopping. */
  status: string;
}

/** Thrown when the data directory is in use: one cluster carries one server. */
export class AlreadyRunning extends Error {
  constructor(name: string, pid: number) {
    super(
      `another hub is already running on ${name} (postgres pid ${pid}). ` +
        'Stop it, or set IHF_DATA_DIR to another folder, or DATABASE_URL to share one database.',
    );
    this.name = 'AlreadyRunning';
  }
}

/** What the cluster's postmaster.pid says, be it true or left by a dead server; undefined: nothing there. */
export function readPidFile(cluster: string): LiveServer | undefined {
  let lines: string[];
  try {
    lines = readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(
      `cannot read the Postgres data in ${cluster}: ${(error as Error).message}. ` +
        'Run as the user that owns it, or set IHF_DATA_DIR to another folder.',
    );
  }
  const pid = Number(lines[0]);
  // Postgres writes the lines one by one as it starts: a short file is a server that is just starting.
  return pid > 0 ? { pid, port: Number(lines[3] ?? 0), status: lines[7]?.trim() || 'starting' } : undefined;
}

/** The server at work on the cluster, or undefined. A stale postmaster.pid whose number another process now has is not one. */
export function liveServer(cluster: string): LiveServer | undefined {
  const server = readPidFile(cluster);
  return server && isPostgresOn(server.pid, cluster) ? server : undefined;
}

/**
 * Waits for a server that is on its way out, then makes the cluster free to start on.
 *
 * @throws {AlreadyRunning} when a server stays.
 */
export async function waitUntilFree({ cluster, name }: DataDir): Promise<void> {
  const began = Date.now();
  for (let live = liveServer(cluster); live; live = liveServer(cluster)) {
    // A hub restarted at once after a crash meets its old server in the moment before the watchdog has told it to stop,
    // hence the second; a stopping one is given the time of its last checkpoint.
    const patience = live.status === 'stopping' ? 30_000 : 1_000;
    if (Date.now() - began > patience) throw new AlreadyRunning(name, live.pid);
    await sleep(20);
  }
  // Postgres itself discards the file of a dead pid, but refuses to start if any process of its user has the number now.
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

/** By its command line, which any user may read; its working folder would ask for rights that root in a container lacks. */
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
