import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { serveClusterMetrics } from '../observability/cluster-metrics.ts';
import type { Logger } from '../observability/logger.ts';
import type { ToPrimary } from './messages.ts';

export interface PrimaryOptions {
  /** Number of processes that serve requests. */
  processes: number;
  /** Environment variables of the processes, beside those of this one. */
  environment: Record<string, string>;
  log: Logger;
}

export interface RunningProcesses {
  /** The URL at which all of them listen. */
  url: string;
  metricsUrl: string | undefined;
  /** Stops them as their supervisor would: they stay ready to serve until load balancers have noticed. */
  close(): Promise<void>;
}

/** A process that ended is replaced after this time in milliseconds, so that one that cannot start does not use up a core. */
const RESTART_DELAY_MS = 500;

/**
 * Runs the program of this process several times, on one port: Node's cluster module hands each new connection to one of
 * them. Each is a node of its own. One that ends unexpectedly is replaced.
 * @throws Error with the reason, if the first one does not start.
 */
export async function startProcesses({ processes, environment, log }: PrimaryOptions): Promise<RunningProcesses> {
  let isStarted = false;
  let stopping = false;
  serveClusterMetrics();
  const start = () => {
    const worker = cluster.fork(environment);
    worker.once('exit', (code, signal) => void replace(worker, code, signal));
    worker.on('message', (message: ToPrimary) => {
      // Of the first processes the reason ends the start. Of a replacement nobody else would report it.
      if (isStarted && message.type === 'ihf:start-failed')
        log.error({ reason: message.reason }, 'a process did not start');
    });
    return worker;
  };
  const replace = async ({ process: { pid } }: Worker, code: number, signal: string | null) => {
    if (stopping) return;
    log.error({ process: pid, exit_code: code, signal }, 'a process ended and is replaced');
    await sleep(RESTART_DELAY_MS);
    if (!stopping) start();
  };
  const close = async () => {
    stopping = true;
    const workers = Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
    await Promise.all(workers.map(stop));
  };
  try {
    // The first one migrates the database; the others find it done.
    const { url, metricsUrl } = await untilListening(start());
    await Promise.all(Array.from({ length: processes - 1 }, () => untilListening(start())));
    isStarted = true;
    return { url, metricsUrl, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function untilListening(worker: Worker): Promise<{ url: string; metricsUrl: string | undefined }> {
  return new Promise((resolve, reject) => {
    worker.on('message', (message: ToPrimary) => {
      if (message.type === 'ihf:listening') resolve(message);
      if (message.type === 'ihf:start-failed') reject(new Error(message.reason));
    });
    worker.once('exit', (code, signal) => reject(new Error(`A process ended with ${signal ?? `exit code ${code}`}.`)));
  });
}

async function stop(worker: Worker): Promise<void> {
  if (worker.isDead()) return;
  const exited = once(worker, 'exit');
  worker.process.kill('SIGTERM');
  await exited;
}
