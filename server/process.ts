import { setTimeout as sleep } from 'node:timers/promises';
import { readConfig, type ServerConfig } from './config.ts';
import { createLogger, type Logger, type Report, reportTo } from './observability/logger.ts';
import { redactSecrets } from './observability/redact.ts';
import { sendToPrimary } from './processes/messages.ts';
import { readSecretKeys } from './webhooks/secret-key.ts';

/** What a program receives from its process. */
export interface ProcessContext {
  config: ServerConfig;
  databaseUrl: string;
  log: Logger;
  report: Report;
}

/** A program that has started. */
export interface RunningProgram {
  /** Printed to standard output. All further output is JSON on standard error. Undefined: the primary process prints it. */
  greeting?: string | undefined;
  /** Fields of the first log line. */
  logFields?: Record<string, unknown>;
  /** Called before `close` if a supervisor stops the program: others may still depend on it for some seconds. */
  announceStop?(): Promise<void>;
  close(): Promise<void>;
}

interface EmbeddedPostgres {
  url: string;
  stop(): Promise<void>;
  /** Resolves with the reason when it ends unexpectedly. */
  died?: Promise<string>;
}

export interface Program {
  /** For messages: `The <name> did not start.` */
  name: string;
  /** Message of the first log line. */
  started: string;
  /** Provides Postgres where `DATABASE_URL` is not set. */
  openPostgres(options: { dataDir: string }): Promise<EmbeddedPostgres>;
  start(context: ProcessContext): Promise<RunningProgram>;
}

const TERMINATED = 'Terminated';

/** The most time in milliseconds that closing takes, after the shutdown delay. */
const STOP_LIMIT_MS = 13_000;

async function timeLimit(ms: number): Promise<never> {
  await sleep(ms);
  throw new Error(`Closing took longer than ${ms / 1000} s`);
}

/** Runs a program until a signal arrives or its embedded Postgres ends, and exits the process. */
export async function runProgram(program: Program): Promise<void> {
  const log = createLogger();
  try {
    await run(program, log);
  } catch (error) {
    // One line for the person who started it. Errors of the database driver can quote the connection URL.
    const reason = redactSecrets((error as Error).message);
    const isSent = await sendToPrimary({ type: 'ihf:start-failed', reason });
    if (!isSent) console.error(`The ${program.name} did not start. ${reason}`);
    process.exit(1);
  }
}

async function run(program: Program, log: Logger): Promise<void> {
  const read = readConfig(process.env);
  const postgres = read.databaseUrl ? undefined : await program.openPostgres({ dataDir: read.dataDir });
  const databaseUrl = read.databaseUrl ?? (postgres?.url as string);
  const report = reportTo(log);
  // A missing secret key must fail the start before the program changes anything in a shared database.
  const context = () => ({ config: { ...read, ...readSecretKeys(read) }, databaseUrl, log, report });
  const running = await Promise.resolve()
    .then(() => program.start(context()))
    .catch(async (error) => {
      await postgres?.stop();
      throw error;
    });
  let stopping = false;
  const stop = async (reason: string, exitCode: number) => {
    if (stopping) return;
    stopping = true;
    if (running.greeting !== undefined) console.log(`\n${reason}. Stopping.`);
    log.info({ reason }, 'stopping');
    if (reason === TERMINATED) await running.announceStop?.();
    const inTime = Promise.race([running.close(), timeLimit(STOP_LIMIT_MS)]);
    // Whatever could not be closed, such as a connection to a lost database, ends with the process.
    await inTime.catch((err) => log.error({ err }, 'not everything could be closed'));
    await postgres?.stop().catch((err) => log.error({ err }, 'Postgres could not be stopped'));
    log.info({ exit_code: exitCode }, 'stopped');
    process.exit(exitCode);
  };
  process.on('SIGINT', () => stop('Interrupted', 0));
  process.on('SIGTERM', () => stop(TERMINATED, 0));
  // After the handlers: the reader of this output may send a signal at once.
  if (running.greeting !== undefined) console.log(running.greeting);
  log.info(running.logFields ?? {}, program.started);
  postgres?.died?.then((reason) => stop(reason, 1));
}
