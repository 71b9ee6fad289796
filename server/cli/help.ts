import { COMMAND_NAME } from '../command-name.ts';
import type { CliCommand, CliCommands, CliGroup, CliOption } from './command.ts';
import { wrap } from './wrap.ts';

const JSON_OPTION: CliOption = { description: 'Print one JSON document to standard output and nothing else' };
const HELP_OPTION: CliOption = { description: 'Print this help' };

/** A name and its description, in two columns. */
type Row = readonly [name: string, description: string];

/** The help of everything, of a group or of a command, at most `width` columns wide. */
export function helpFor(path: readonly string[], commands: CliCommands, width: number): string {
  const [noun, verb] = path;
  const entry = noun === undefined ? undefined : commands[noun];
  if (noun === undefined || !entry) return overview(commands, width);
  if ('run' in entry) return commandHelp([noun], entry, width);
  const command = verb === undefined ? undefined : entry.commands[verb];
  return command ? commandHelp(path, command, width) : groupHelp(noun, entry, width);
}

/** One line such as `ihf keys rotate KEY [--overlap DURATION] [--json]`. */
export function usageOf(path: readonly string[], command: CliCommand): string {
  const options = Object.entries(command.options).map(([name, option]) => {
    const text = withValue(`--${name}`, option);
    return option.required ? text : `[${text}]`;
  });
  return ['ihf', ...path, ...argumentNames(command), ...options, '[--json]'].join(' ');
}

function overview(commands: CliCommands, width: number): string {
  const rows = Object.entries(commands).map(([name, entry]): Row => {
    if ('run' in entry) return [name, entry.summary];
    return [name, `${entry.summary}: ${Object.keys(entry.commands).join(', ')}`];
  });
  const environment: Row[] = [
    ['DATABASE_URL', 'Postgres to use (default: the embedded Postgres)'],
    ['IHF_DATA_DIR', 'Data directory of the embedded Postgres (default: .ihf)'],
  ];
  return [
    'ihf: operate an IHF Hub installation',
    `Usage: ${COMMAND_NAME} COMMAND [OPTIONS]`,
    section('Commands', rows, width),
    section('Options', [...optionRows({}), ['--version', 'Print the version']], width),
    section('Environment', environment, width),
    examples(['hubs create storefront --name Storefront', 'keys list --json', 'registries add --help']),
    "Run 'ihf COMMAND --help' for the commands of a group, its arguments, options and examples.",
  ].join('\n\n');
}

function groupHelp(noun: string, { summary, commands }: CliGroup, width: number): string {
  const rows = Object.entries(commands).map(
    ([verb, command]): Row => [[verb, ...argumentNames(command)].join(' '), command.summary],
  );
  const first = Object.values(commands).flatMap((command) => command.examples)[0];
  return [
    summary,
    `Usage: ihf ${noun} COMMAND [OPTIONS]`,
    section('Commands', rows, width),
    section('Options', optionRows({}), width),
    ...(first === undefined ? [] : [examples([first])]),
    `Run 'ihf ${noun} COMMAND --help' for the options and examples of a command.`,
  ].join('\n\n');
}

function commandHelp(path: readonly string[], command: CliCommand, width: number): string {
  const args = Object.entries(command.arguments).map(
    ([name, argument]): Row => [
      name.toUpperCase(),
      typeof argument === 'string' ? argument : `${argument.description} (optional)`,
    ],
  );
  return [
    command.summary,
    wrap(`Usage: ${usageOf(path, command)}`, width - 4).join('\n    '),
    ...(args.length > 0 ? [section('Arguments', args, width)] : []),
    section('Options', optionRows(command.options), width),
    examples(command.examples),
  ].join('\n\n');
}

const argumentNames = (command: CliCommand): string[] =>
  Object.entries(command.arguments).map(([name, argument]) =>
    typeof argument === 'string' ? name.toUpperCase() : `[${name.toUpperCase()}]`,
  );

const withValue = (name: string, { value }: CliOption): string => (value === undefined ? name : `${name} ${value}`);

function optionRows(options: Readonly<Record<string, CliOption>>): Row[] {
  const all: [string, CliOption][] = [
    ...Object.entries(options).map(([name, option]): [string, CliOption] => [`--${name}`, option]),
    ['--json', JSON_OPTION],
    ['--help, -h', HELP_OPTION],
  ];
  return all.map(([name, option]) => [withValue(name, option), describe(option)]);
}

function describe({ description, choices, required, ...option }: CliOption): string {
  const byDefault = option.default ?? option.otherwise;
  const notes = [
    ...(choices ? [`one of ${choices.join(', ')}`] : []),
    ...(required ? ['required'] : []),
    ...(byDefault === undefined ? [] : [`default: ${byDefault}`]),
  ];
  return notes.length > 0 ? `${description} (${notes.join('; ')})` : description;
}

function section(title: string, rows: readonly Row[], width: number): string {
  const column = Math.max(...rows.map(([name]) => name.length)) + 4;
  const lines = rows.flatMap(([name, description]) =>
    wrap(description, Math.max(20, width - column)).map(
      (line, index) => (index === 0 ? `  ${name}` : '').padEnd(column) + line,
    ),
  );
  return [`${title}:`, ...lines].join('\n');
}

const examples = (lines: readonly string[]): string =>
  ['Examples:', ...lines.map((line) => `  ${COMMAND_NAME} ${line}`)].join('\n');
