import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Binaries } from './binaries.ts';
import type { DataDir } from './data-dir.ts';
import { readPidFile, waitUntilFree } from './pid-file.ts';
import { type SupervisedProcess, spawnSupervised } from './watchdog.ts';

/** A Postgres that accepts connections. */
export interface StartedPostmaster {
  postmaster: SupervisedProcess;
  port: number;
  /** The offset in bytes of its first line in the log. */
  logFrom: number;
}

/**
 * Starts Postgres on a cluster and waits until it is ready. At most three attempts: another process can take the free
 * port before Postgres binds it, and the children of a killed postmaster can hold its shared memory for a moment.
 *
 * @throws {AlreadyRunningError} when a concurrent start was faster.
 * @throws Error with the end of the log when it does not start.
 */
export async function startPostmaster(
  dataDir: DataDir,
  binaries: Binaries,
  settings: Record<string, string>,
): Promise<StartedPostmaster> {
  const log = openSync(dataDir.log, 'a', 0o600);
  try {
    for (let attempt = 1; ; attempt++) {
      const logFrom = statSync(dataDir.log).size;
      const port = await freePort();
      const postmaster = await spawnSupervised(dataDir, binaries, postgresArguments(dataDir, port, settings), log);
      const status = await Promise.race([postmaster.exited, ready(postmaster, dataDir)]);
      if (status === undefined) return { postmaster, port, logFrom };
      await waitUntilFree(dataDir); // throws if a concurrent start was faster
      if (attempt === 3)
        throw new Error(`Postgres does not start on ${dataDir.name}. ${logTail(dataDir, status, logFrom)}`);
      await sleep(300);
    }
  } finally {
    closeSync(log);
  }
}

function postgresArguments(dataDir: DataDir, port: number, settings: Record<string, string>): string[] {
  const all = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '', // the path of a socket is limited to 107 bytes
    lc_messages: 'C',
    // Logs the life of Postgres, not failed statements: the server reports those itself, and they contain user data.
    log_min_messages: 'log',
    log_checkpoints: 'off',
    ...settings,
  };
  return ['-D', dataDir.cluster, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

/** Waits without a limit while Postgres runs: recovery after a crash can take long. */
async function ready(postmaster: SupervisedProcess, dataDir: DataDir): Promise<undefined> {
  let exited = false;
  const end = () => {
    exited = true;
  };
  postmaster.exited.then(end, end);
  while (!exited) {
    const file = readPidFile(dataDir.cluster);
    if (file?.pid === postmaster.pid && file.status === 'ready') return undefined;
    await sleep(5);
  }
  return new Promise(() => {}); // `exited` wins the race
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

/** The exit status and the last log lines, for an error message. */
export function logTail(dataDir: DataDir, status: number, logFrom: number): string {
  const lines = readFileSync(dataDir.log).subarray(logFrom).toString().trim().split('\n').slice(-5).join('\n');
  return `It exited with status ${status}; last lines of ${dataDir.log}:\n${lines}`;
}
