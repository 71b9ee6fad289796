import type { Session } from './session.ts';

/** An option of a command. It takes a value if it has a `value`; else it is a flag. */
export interface CliOption {
  description: string;
  /** What stands for its value in help, such as `DATE`. */
  value?: string;
  /** The only values that it may have. */
  choices?: readonly string[];
  /** The value when the option is omitted. */
  default?: string;
  /** In words, what applies when the option is omitted and no fixed value says it. */
  otherwise?: string;
  required?: true;
}

/** The description of an argument. */
export type CliArgument = string | { description: string; optional: true };

/** The result of a command: a JSON document for programs, text for people. */
export interface CliResult {
  json: unknown;
  text: string;
}

/** A command as the parser and the help see it. */
export interface CliCommand {
  /** Imperative, without a full stop. */
  summary: string;
  /** Its arguments in order, each with a description. Optional ones come last. */
  arguments: Readonly<Record<string, CliArgument>>;
  options: Readonly<Record<string, CliOption>>;
  /** What to write after `ihf`. */
  examples: readonly string[];
  run(input: CliInput, session: Session): Promise<CliResult>;
}

/** The arguments and options of one call by name, as far as they were given or have a default. */
export type CliInput = Readonly<Record<string, string | boolean | undefined>>;

/** Commands about one thing: `ihf keys …`. */
export interface CliGroup {
  summary: string;
  commands: Readonly<Record<string, CliCommand>>;
}

/** All commands, by the first word after `ihf`. */
export type CliCommands = Readonly<Record<string, CliGroup | CliCommand>>;

type OptionInput<Option> = Option extends { value: string }
  ? Option extends { required: true } | { default: string }
    ? string
    : string | undefined
  : boolean;

type InputOf<Arguments, Options> = {
  readonly [Name in keyof Arguments]: Arguments[Name] extends string ? string : string | undefined;
} & {
  readonly [Name in keyof Options]: OptionInput<Options[Name]>;
};

/** Declares a command. The types of what `run` receives follow from its arguments and options. */
export function defineCommand<
  const Arguments extends Readonly<Record<string, CliArgument>>,
  const Options extends Readonly<Record<string, CliOption>>,
>(
  command: Omit<CliCommand, 'arguments' | 'options' | 'run'> & {
    arguments: Arguments;
    options: Options;
    run(input: InputOf<Arguments, Options>, session: Session): Promise<CliResult>;
  },
): CliCommand {
  return command as unknown as CliCommand;
}

/** Wrong arguments or options. The process exits with 2. */
export class UsageError extends Error {}
