import { UsageError } from './command.ts';
import { suggestion } from './suggestion.ts';

interface FailedRun {
  generator: string;
  version: string;
  npmPackage: string;
}

/**
 * The error of a failed run, in one line. npm, the wrapper and the generator report errors only as text, mixed with
 * their logs: this is the one place that reads it.
 */
export function generatorError(output: string, { generator, version, npmPackage }: FailedRun): Error {
  const [, available] = /Can't load config class.*\nAvailable:\n([\s\S]*)/.exec(output) ?? [];
  if (available) {
    const names = available.split('\n').map((name) => name.trim());
    return new UsageError(
      `openapi-generator ${version} has no generator '${generator}'.${suggestion(generator, names)} ` +
        'See https://openapi-generator.tech/docs/generators for all generators.',
    );
  }
  const [, download] = /Download failed, because of: "(.*)"/.exec(output) ?? [];
  if (download) return new Error(`Cannot download openapi-generator ${version} from Maven Central: ${download}`);
  const [, npm] = /npm error (?:code .*\n)?(?:npm error (?:errno|syscall|\w+) .*\n)*npm error (.*)/.exec(output) ?? [];
  if (npm) return new Error(`Cannot install ${npmPackage} from npm: ${npm}`);
  const [thrown] = /^.*(?:Exception|Error): .*$/m.exec(output) ?? [];
  const [, first] = /^Errors: *\n\s*-(.*)$/m.exec(output) ?? [];
  return new Error(`openapi-generator failed: ${first ?? thrown ?? lastLine(output)}`);
}

export function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
