import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { after } from 'node:test';

const MAIN = resolve(import.meta.dirname, '../../server/main.js');

/** A fixed key: tests store no real secrets. */
const SECRET_KEY = Buffer.alloc(32).toString('base64');

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
  /** Resolves with the exit code. */
  exited: Promise<number | null>;
}

export function startProcess(environment: Record<string, string>, main = MAIN): ServerProcess {
  const child = spawn(process.execPath, [main], {
    env: {
      ...{ ...process.env, PORT: '0', DATABASE_URL: '', NODE_ENV: 'production', IHF_SECRET_KEY: SECRET_KEY },
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    // Its own process group, like a job of a shell: Ctrl-C reaches all of its processes.
    detached: true,
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data) => (output += data));
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  const printed = async (text: string) => {
    const ended = exited.then(() => {
      if (!output.includes(text)) throw new Error(`The process exited without printing '${text}':\n${output}`);
    });
    while (!output.includes(text))
      await Promise.race([once(child.stdout as never, 'data'), once(child.stderr as never, 'data'), ended]);
  };
  return { child, output: () => output, waitForOutput: printed, exited };
}

/** Sends SIGINT to the process group, as Ctrl-C in a terminal does. */
export function pressCtrlC({ child }: ServerProcess): void {
  process.kill(-(child.pid as number), 'SIGINT');
}
