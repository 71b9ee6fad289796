import { type Logger, pino } from 'pino';

export type { Logger };

/** What must never be read in a log: credentials, keys of webhooks and passwords in addresses, each but its beginning. */
const SECRETS: readonly [RegExp, string][] = [
  [/\b(ihf_(?:live|secret|token)_\w{6})\w+/g, '$1…'],
  [/\b(whsk?(?:ec)?_)[\w+/=-]+/g, '$1…'],
  [/(\w:\/\/[^\s:/@"]*):[^\s@"]+@/g, '$1:…@'],
  [/\b(Bearer|Basic) +[\w.~+/=-]{8,}/gi, '$1 …'],
];

/**
 * A log of JSON lines. An error may quote what a caller or the environment sent, whoever throws it: secrets are taken
 * out of the finished line, where nothing comes after.
 */
export function createLogger(write: (line: string) => void = (line) => void process.stderr.write(line)): Logger {
  const masked = (line: string) => SECRETS.reduce((text, [form, shown]) => text.replace(form, shown), line);
  return pino(
    {
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
    },
    { write: (line) => write(masked(line)) },
  );
}
