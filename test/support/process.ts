import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { after } from 'node:test';

const MAIN = resolve(import.meta.dirname, '../../server/main.js');

/** As good as any other: nothing that a test stores is a secret. */
const SECRET_KEY = Buffer.alloc(32).toString('base64');

/** What a test that failed has left running, which would keep its process from ending. */
const running = new Set<ChildProcess>();
after(() => {
  for (const { pid } of running) process.kill(-(pid as number), 'SIGKILL');
});

/** A hub as `npm start` runs it, in a process group of its own. */
export interface HubProcess {
  child: ChildProcess;
  /** What it has printed so far. */
  output(): string;
  /** Waits until it has printed this. */
  printed(text: string): Promise<void>;
  /** Its exit code, once it has ended. */
  exited: Promise<number | null>;
}

export function startProcess(environment: Record<string, string>, main = MAIN): HubProcess {
  const child = spawn(process.execPath, [main], {
    env: {
      ...{ ...process.env, PORT: '0', DATABASE_URL: '', NODE_ENV: 'production', IHF_SECRET_KEY: SECRET_KEY },
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    // Its own process group, as a shell gives to a job: Ctrl-C goes to all of it.
    detached: true,
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data) => (output += data));
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  const printed = async (text: string) => {
    const ended = exited.then(() => {
      if (!output.includes(text)) throw new Error(`It ended without printing '${text}':\n${output}`);
    });
    while (!output.includes(text))
      await Promise.race([once(child.stdout as never, 'data'), once(child.stderr as never, 'data'), ended]);
  };
  return { child, output: () => output, printed, exited };
}

/** Presses Ctrl-C. */
export function interrupt({ child }: HubProcess): void {
  process.kill(-(child.pid as number), 'SIGINT');
}
