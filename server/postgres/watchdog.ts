import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { type Binaries, environment } from './binaries.ts';
import type { DataDir } from './data-dir.ts';

/**
 * The parent of Postgres. Its standard input is a pipe from node that nobody writes to: when it ends, be it that node
 * closed it to stop the server or that node was killed, Postgres is told to shut down (SIGINT: fast, no data waits for
 * clients), and after ten seconds to drop everything (SIGQUIT: the next start recovers).
 *
 * It ignores the signals that a supervisor sends to every process of a tree, so as to outlive node.
 */
const WATCHDOG = `
trap '' INT TERM HUP
[ -z "$1" ] || export LD_LIBRARY_PATH="$1" DYLD_LIBRARY_PATH="$1"  # macOS drops the latter on the way into sh
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

/** A Postgres process that cannot outlive this one. */
export interface SupervisedProcess {
  /** Of the postmaster itself. */
  pid: number;
  /** Settles when it has ended, with its exit status (above 128: by a signal). */
  ended: Promise<number>;
  /** Tells it to shut down; wait for `ended`. */
  end(): void;
  /** From now on it does not keep this process from exiting, which ends it. */
  release(): void;
}

/**
 * Spawns Postgres under the watchdog, in a session of its own so that Ctrl-C does not reach it before the hub has
 * finished.
 *
 * @param log file descriptor that takes what it prints.
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
  const ended = exit(child);
  const stdin = child.stdin as Socket;
  const stdout = child.stdout as Socket;
  stdin.on('error', () => {}); // EPIPE: it ended first, which `ended` tells
  // However the watchdog ends, its guard must not wait on: the number of a dead server may soon be another process's.
  ended.finally(() => stdin.destroy()).catch(() => {});
  const pid = Number(await Promise.race([once(stdout, 'data').then(String), ended.then(() => '0')]));
  return {
    pid,
    ended,
    end() {
      child.ref();
      stdin.destroy();
    },
    release() {
      child.unref();
      for (const pipe of [stdin, stdout]) pipe.unref();
    },
  };
}

function exit(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? (signal === 'SIGKILL' ? 137 : 128)));
  });
}
