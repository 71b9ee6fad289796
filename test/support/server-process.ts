import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

const MAIN = resolve(import.meta.dirname, '../../server/main.js');

/** A fixed secret key: tests store no real secrets, and their servers can share a database. */
export const SECRET_KEY = Buffer.alloc(32);

/** Processes that a failed test left running. They would keep the test process alive. */
const running = new Set<ChildProcess>();
after(() => {
  for (const { pid } of running) process.kill(-(pid as number), 'SIGKILL');
});

/** A server process as `npm start` runs it, in its own process group. */
export interface ServerProcess {
  child: ChildProcess;
  /** Everything it has printed so far. */
  output(): string;
  /** Waits until it has printed this text. */
  waitForOutput(text: string): Promise<void>;
  /** Waits for the log record with this message (a line of JSON on standard error) and returns it. */
  waitForLog(message: string): Promise<Record<string, unknown>>;
  /** Resolves with the exit code. */
  exited: Promise<number | null>;
}

export function startProcess(environment: Record<string, string>, main = MAIN): ServerProcess {
  const child = spawn(process.execPath, [main], {
    env: {
      ...{
        ...process.env,
        PORT: '0',
        DATABASE_URL: '',
        NODE_ENV: 'production',
        IHF_SECRET_KEY: SECRET_KEY.toString('base64'),
      },
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    // Its own process group, like a job of a shell: Ctrl-C reaches all of its processes.
    detached: true,
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  // `close` comes after the last output, `exit` may come before it.
  const closed = once(child, 'close');
  const waitFor = async <T>(find: () => T | undefined, what: string): Promise<T> => {
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      if (child.stdout.closed && child.stderr.closed) throw new Error(`The process exited without ${what}:\n${output}`);
      await Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data'), closed]);
    }
  };
  return {
    ...{ child, exited, output: () => output },
    waitForOutput: async (text) => void (await waitFor(() => output.includes(text) || undefined, `printing '${text}'`)),
    waitForLog: (message) => waitFor(() => logRecord(output, message), `logging '${message}'`),
  };
}

function logRecord(output: string, message: string): Record<string, unknown> | undefined {
  for (const line of output.split('\n').slice(0, -1)) {
    if (!line.startsWith('{')) continue;
    const record = JSON.parse(line) as Record<string, unknown>;
    if (record.msg === message) return record;
  }
  return undefined;
}

/** Waits until no process has this pid. A process that is no child of this one sends no event. */
export async function waitForExit(pid: number): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    if (Date.now() > deadline) throw new Error(`Process ${pid} still runs after 60 seconds.`);
    await sleep(20);
  }
}

/** Sends SIGINT to the process group, as Ctrl-C in a terminal does. */
export function pressCtrlC({ child }: ServerProcess): void {
  process.kill(-(child.pid as number), 'SIGINT');
}
