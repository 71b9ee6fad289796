import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { type Binaries, environment } from './binaries.ts';
import type { DataDir } from './data-dir.ts';

/**
 * The parent process of Postgres. Its standard input is a pipe from node that carries no data. When the pipe closes,
 * because node stops Postgres or was killed, it sends SIGINT to Postgres (fast shutdown: disconnects clients), and
 * after ten seconds SIGQUIT (immediate shutdown: the next start recovers).
 *
 * It ignores the signals that a supervisor sends to a whole process tree, so that it outlives node.
 */
const WATCHDOG = `
trap '' INT TERM HUP
[ -z "$1" ] || export LD_LIBRARY_PATH="$1" DYLD_LIBRARY_PATH="$1"  # macOS removes the latter when sh starts
shift
exec 3<&0 </dev/null
"$@" 3<&- >&2 &
server=$!
echo "$server"
(
  while read -r _; do :; done <&3
  kill -INT "$server"
  for _ in 1 2 3 4 5 6 7 8 9 10; do sleep 1; kill -0 "$server" || exit; done
  kill -QUIT "$server"
) >/dev/null 2>&1 &
guard=$!
exec 3<&- >&-
wait "$server"
status=$?
kill -KILL "$guard"
exit "$status"
`;

/** A Postgres process that stops when this process ends. */
export interface SupervisedProcess {
  /** The pid of the postmaster, not of the watchdog. */
  pid: number;
  /** Resolves with its exit status (above 128: killed by a signal). */
  exited: Promise<number>;
  /** Starts the shutdown; wait for `exited`. */
  shutDown(): void;
  /** Lets this process exit while Postgres runs, which stops Postgres. */
  unref(): void;
}

/**
 * Spawns Postgres under the watchdog, in a session of its own: Ctrl-C must not reach Postgres while the server still
 * finishes requests.
 *
 * @param log file descriptor for the output of Postgres.
 */
export async function spawnSupervised(
  { account }: DataDir,
  { postgres, libraries }: Binaries,
  args: string[],
  log: number,
): Promise<SupervisedProcess> {
  const child = spawn('/bin/sh', ['-c', WATCHDOG, 'ihf-postgres-watchdog', libraries, postgres, ...args], {
    ...account,
    cwd: '/',
    env: environment(libraries),
    detached: true,
    stdio: ['pipe', 'pipe', log],
  });
  const exited = exitStatus(child);
  const stdin = child.stdin as Socket;
  const stdout = child.stdout as Socket;
  stdin.on('error', () => {}); // EPIPE: the process exited first; see `exited`
  // The guard in the watchdog must not outlive Postgres: the pid can be reused.
  exited.finally(() => stdin.destroy()).catch(() => {});
  const pid = Number(await Promise.race([once(stdout, 'data').then(String), exited.then(() => '0')]));
  return {
    pid,
    exited,
    shutDown() {
      child.ref();
      stdin.destroy();
    },
    unref() {
      child.unref();
      for (const pipe of [stdin, stdout]) pipe.unref();
    },
  };
}

function exitStatus(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? (signal === 'SIGKILL' ? 137 : 128)));
  });
}
