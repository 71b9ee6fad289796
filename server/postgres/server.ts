import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Binaries } from './binaries.ts';
import type { DataDir } from './data-dir.ts';
import { readPidFile, waitUntilFree } from './pid-file.ts';
import { type SupervisedProcess, spawnSupervised } from './watchdog.ts';

/** A server that accepts connections. */
export interface Launched {
  server: SupervisedProcess;
  port: number;
  /** Where in the log its own lines begin, in bytes. */
  logFrom: number;
}

/**
 * Starts Postgres on a whole cluster and waits until it is ready. Tries thrice: the free port can be taken before Postgres binds it, and the children of a killed server may hold its
 * shared memory for a moment.
 *
 * @throws {AlreadyRunning} when another server is quicker.
 * @throws Error with the end of the log, when it does not start.
 */
export async function launch(place: DataDir, binaries: Binaries, settings: Record<string, string>): Promise<Launched> {
  const log = openSync(place.log, 'a', 0o600);
  try {
    for (let attempt = 1; ; attempt++) {
      const logFrom = statSync(place.log).size;
      const port = await freePort();
      const server = await spawnSupervised(place, binaries, argumentsFor(place, port, settings), log);
      const status = await Promise.race([server.ended, ready(server, place)]);
      if (status === undefined) return { server, port, logFrom };
      await waitUntilFree(place); // of two starts at once, Postgres lets one pass: the other learns it here
      if (attempt === 3)
        throw new Error(`Postgres does not start on ${place.name}. ${logTail(place, status, logFrom)}`);
      await sleep(300);
    }
  } finally {
    closeSync(log);
  }
}

function argumentsFor(place: DataDir, port: number, settings: Record<string, string>): string[] {
  const all = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '', // a socket's path may be at most 107 bytes
    lc_messages: 'C',
    // The server's own life, but not failed statements: the hub sees those itself, and they hold people's data.
    log_min_messages: 'log',
    log_checkpoints: 'off',
    ...settings,
  };
  return ['-D', place.cluster, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

/** Waits as long as the server lives: recovery after a crash takes the time it takes. */
async function ready(server: SupervisedProcess, place: DataDir): Promise<undefined> {
  let over = false;
  const end = () => {
    over = true;
  };
  server.ended.then(end, end);
  while (!over) {
    const now = readPidFile(place.cluster);
    if (now?.pid === server.pid && now.status === 'ready') return undefined;
    await sleep(5);
  }
  return new Promise(() => {}); // `ended` has won the race
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

/** What the server said last, for an error message. */
export function logTail(place: DataDir, status: number, logFrom: number): string {
  const lines = readFileSync(place.log).subarray(logFrom).toString().trim().split('\n').slice(-5).join('\n');
  return `It ended with status ${status}; the last lines of ${place.log}:\n${lines}`;
}
