import { type Logger, pino } from 'pino';
import { redactSecrets } from './redact.ts';

export type { Logger };

/**
 * A log of JSON lines. An error may quote what a caller or the environment sent, whoever throws it: secrets are taken
 * out of the finished line, where nothing comes after.
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
