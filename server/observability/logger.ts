import { type Logger, pino } from 'pino';
import { redactSecrets } from './redact.ts';

export type { Logger };

/**
 * A logger that writes JSON lines to standard error. Secrets are removed from the finished line, as the last step: any
 * error in it may quote a request or the environment.
 */
export function createLogger(write: (line: string) => void = (line) => void process.stderr.write(line)): Logger {
  return pino(
    {
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
    },
    { write: (line) => write(redactSecrets(line)) },
  );
}

/** Logs an error of a request, or of a background task if there is no request id. */
export type Report = (error: unknown, requestId?: string) => void;

/** Returns a function that logs errors as JSON, without secrets. */
export function reportTo(log: Logger): Report {
  return (err, requestId) => {
    if (requestId === undefined) log.error({ err }, 'background task failed');
    else log.error({ err, request_id: requestId }, 'request failed');
  };
}
