import type { Database } from '../store/database/database.ts';

/** What a command works with. */
export interface CliContext {
  database: Database;
  databaseUrl: string;
  /** Who is at the keyboard, as contract revisions and logs will say. */
  actor: string;
}

/** What a command was given: its arguments and options by name. */
export type CliInput = Record<string, string | undefined>;

/** What a command has to say: a JSON document for programs, lines for people. */
export interface CliResult {
  json: unknown;
  text: string;
}

export interface CliCommand {
  summary: string;
  /** The names of its arguments, in order; all are needed. */
  arguments: readonly string[];
  /** Its options, each with what it means. All take a value. */
  options: Readonly<Record<string, string>>;
  /** What it does without the database; undefined where the input wants it. */
  alone?(input: CliInput): Promise<CliResult> | undefined;
  run(input: CliInput, context: CliContext): Promise<CliResult>;
}

/** The commands by noun and verb. */
export type CliCommands = Readonly<Record<string, Readonly<Record<string, CliCommand>>>>;

/** A call that cannot be understood: the line says how it goes. */
export class UsageError extends Error {}

/** Rows as a table whose columns line up. */
export function table(rows: readonly Readonly<Record<string, unknown>>[]): string {
  const [first] = rows;
  if (!first) return 'nothing';
  const columns = Object.keys(first);
  const lines = [columns, ...rows.map((row) => columns.map((column) => String(row[column] ?? '')))];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
