import { parseArgs } from 'node:util';
import { type CliCommand, type CliCommands, type CliGroup, type CliInput, UsageError } from './command.ts';
import { usageOf } from './help.ts';
import { suggestion } from './suggestion.ts';

/** What a command line asks for. `path` names the command or the group. */
export type Invocation =
  | { kind: 'help'; path: readonly string[] }
  | { kind: 'version' }
  | { kind: 'run'; command: CliCommand; input: CliInput; json: boolean };

/** @throws UsageError that names what is wrong, and the nearest name to a mistyped one. */
export function parseArguments(argv: readonly string[], commands: CliCommands): Invocation {
  const [first, ...rest] = argv;
  if (first === undefined || isHelp(first)) return { kind: 'help', path: [] };
  if (first === '--version') return { kind: 'version' };
  if (first === 'help') return { kind: 'help', path: pathOf(rest, commands) };
  if (first.startsWith('-')) throw unknown('option', first, ['--help', '--version'], "Run 'ihf --help'.");
  const entry = entryOf(first, commands);
  if ('run' in entry) return parseCommand(entry, [first], rest);
  const [verb, ...args] = rest;
  if (verb !== undefined && isHelp(verb)) return { kind: 'help', path: [first] };
  return parseCommand(commandIn(entry, first, verb), [first, verb as string], args);
}

const isHelp = (text: string): boolean => text === '--help' || text === '-h';

/** The path after `ihf help`, as far as it names a group or a command. */
function pathOf([noun, verb]: readonly string[], commands: CliCommands): string[] {
  if (noun === undefined) return [];
  const entry = entryOf(noun, commands);
  if (verb === undefined || 'run' in entry) return [noun];
  commandIn(entry, noun, verb);
  return [noun, verb];
}

function entryOf(name: string, commands: CliCommands): CliGroup | CliCommand {
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (entry) return entry;
  throw unknown('command', name, Object.keys(commands), "Run 'ihf --help' to list all commands.");
}

function commandIn({ commands }: CliGroup, noun: string, verb: string | undefined): CliCommand {
  const verbs = Object.keys(commands);
  if (verb === undefined || verb.startsWith('-'))
    throw new UsageError(`'${noun}' needs a command: ${verbs.join(', ')}. Run 'ihf ${noun} --help'.`);
  const command = Object.hasOwn(commands, verb) ? commands[verb] : undefined;
  if (command) return command;
  const names = verbs.map((known) => `${noun} ${known}`);
  throw unknown('command', `${noun} ${verb}`, names, `Run 'ihf ${noun} --help' to list its commands.`);
}

function parseCommand(command: CliCommand, path: readonly string[], args: readonly string[]): Invocation {
  const usage = `Usage: ${usageOf(path, command)}`;
  const types = Object.entries(command.options).map(([name, { value }]) => [
    name,
    { type: value ? 'string' : 'boolean' },
  ]);
  const { tokens } = parseArgs({
    args: [...args],
    options: { ...Object.fromEntries(types), json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  if (tokens.some((token) => token.kind === 'option' && token.name === 'help')) return { kind: 'help', path };
  const given = new Map<string, string | boolean>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    if (given.has(token.name)) throw new UsageError(`${token.rawName} was given more than once. ${usage}`);
    given.set(token.name, optionValue(command, token, usage));
  }
  return { kind: 'run', command, json: given.has('json'), input: inputOf(command, positionals, given, usage) };
}

interface OptionToken {
  name: string;
  rawName: string;
  value: string | undefined;
  inlineValue: boolean | undefined;
}

function optionValue(command: CliCommand, token: OptionToken, usage: string): string | boolean {
  const { name, rawName, value, inlineValue } = token;
  const option = Object.hasOwn(command.options, name) ? command.options[name] : undefined;
  if (!option && name !== 'json') {
    const known = [...Object.keys(command.options), 'json', 'help'].map((each) => `--${each}`);
    throw unknown('option', rawName, known, usage);
  }
  if (option?.value === undefined) {
    if (value !== undefined) throw new UsageError(`${rawName} takes no value. Write ${rawName} alone.`);
    return true;
  }
  if (value === undefined || value === '') throw new UsageError(`${rawName} needs a value. ${usage}`);
  if (!inlineValue && value.startsWith('-')) {
    throw new UsageError(`${rawName} needs a value. If the value is '${value}', write ${rawName}=${value}.`);
  }
  if (option.choices && !option.choices.includes(value)) {
    const choices = option.choices.join(', ');
    throw new UsageError(`${rawName} must be one of ${choices} (got '${value}').${suggestion(value, option.choices)}`);
  }
  return value;
}

function inputOf(
  { arguments: described, options }: CliCommand,
  positionals: readonly string[],
  given: ReadonlyMap<string, string | boolean>,
  usage: string,
): CliInput {
  const names = Object.keys(described);
  const missing = names[positionals.length];
  if (missing && typeof described[missing] === 'string')
    throw new UsageError(`Missing argument ${missing.toUpperCase()}. ${usage}`);
  if (positionals.length > names.length) {
    throw new UsageError(`Unexpected argument '${positionals[names.length]}'. ${usage}`);
  }
  const input: Record<string, string | boolean | undefined> = {};
  for (const [index, name] of names.entries()) input[name] = positionals[index];
  for (const [name, option] of Object.entries(options)) {
    if (option.required && !given.has(name)) throw new UsageError(`--${name} is required. ${usage}`);
    input[name] = given.get(name) ?? (option.value ? option.default : false);
  }
  return input;
}

function unknown(what: 'command' | 'option', name: string, known: readonly string[], remedy: string): UsageError {
  return new UsageError(`Unknown ${what} '${name}'.${suggestion(name, known)} ${remedy}`);
}
