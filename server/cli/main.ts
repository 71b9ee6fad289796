// `npm run -s ihf -- NOUN VERB …`: the operator's command line.
import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { readConfig } from '../config.ts';
import { IhfError } from '../errors.ts';
import { useOrStartPostgres } from '../postgres/launcher.ts';
import { MIGRATIONS } from '../project-files.ts';
import { openDatabase } from '../store/database/database.ts';
import { migrate as applyMigrations } from '../store/database/migrate.ts';
import { type CliCommand, type CliCommands, type CliInput, type CliResult, UsageError } from './command.ts';
import { consumers } from './consumers.ts';
import { contract } from './contract.ts';
import { hubs } from './hubs.ts';
import { keys } from './keys.ts';
import { manifests } from './manifests.ts';
import { migrate } from './migrate.ts';
import { operators } from './operators.ts';
import { registries } from './registries.ts';
import { sdk } from './sdk.ts';
import { webhooks } from './webhooks.ts';

const COMMANDS: CliCommands = {
  ...{ hubs, manifests, consumers, keys, webhooks, registries, contract, sdk, operators, migrate },
};

async function main(argv: readonly string[]): Promise<void> {
  const [noun = '', verb = '', ...rest] = argv;
  if (noun === '' || noun === 'help' || noun === '--help') return console.log(usage());
  const command = COMMANDS[noun]?.[verb];
  if (!command) throw new UsageError(`There is no command '${`${noun} ${verb}`.trim()}'. 'ihf help' lists them.`);
  const { input, json } = read(command, rest, `${noun} ${verb}`);
  const result = await (command.alone?.(input) ?? run(command, input));
  console.log(json ? JSON.stringify(result.json, null, 2) : result.text);
}

async function run(command: CliCommand, input: CliInput): Promise<CliResult> {
  const config = readConfig({ ...process.env, HOST: undefined, PORT: undefined });
  const postgres = config.databaseUrl ? undefined : await useOrStartPostgres({ dataDir: config.dataDir });
  const databaseUrl = config.databaseUrl ?? (postgres?.url as string);
  try {
    await applyMigrations(databaseUrl, MIGRATIONS);
    const actor = `cli:${userInfo().username}`;
    const database = openDatabase(databaseUrl, { connections: 2, actor });
    try {
      return await command.run(input, { database, databaseUrl, actor });
    } finally {
      await database.close();
    }
  } finally {
    await postgres?.stop();
  }
}

function read(command: CliCommand, argv: string[], name: string): { input: CliInput; json: boolean } {
  const options = Object.fromEntries(
    Object.keys(command.options).map((option) => [option, { type: 'string' as const }]),
  );
  try {
    const { values, positionals } = parseArgs({
      args: argv,
      options: { ...options, json: { type: 'boolean' } },
      allowPositionals: true,
    });
    const { json = false, ...given } = values as CliInput & { json?: boolean };
    if (positionals.length !== command.arguments.length)
      throw new UsageError(`It goes: ihf ${synopsis(name, command)}`);
    const named = command.arguments.map((argument, index) => [argument, positionals[index]]);
    return { input: { ...given, ...Object.fromEntries(named) }, json };
  } catch (error) {
    if ((error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS')) {
      throw new UsageError(`${(error as Error).message} It goes: ihf ${synopsis(name, command)}`);
    }
    throw error;
  }
}

function synopsis(name: string, command: CliCommand): string {
  const options = Object.keys(command.options).map((option) => `[--${option} …]`);
  return [name, ...command.arguments.map((argument) => argument.toUpperCase()), ...options, '[--json]'].join(' ');
}

function usage(): string {
  const lines = Object.entries(COMMANDS).flatMap(([noun, verbs]) =>
    Object.entries(verbs).map(
      ([verb, command]) => `  ${synopsis(`${noun} ${verb}`, command)}\n      ${command.summary}`,
    ),
  );
  return `npm run -s ihf -- NOUN VERB …\n\n${lines.join('\n')}`;
}

/** What went wrong; of input that breaks the contract, every failure. */
function lineOf(error: Error): string {
  const failures = error instanceof IhfError ? error.issues.map(({ detail }) => detail) : [];
  return (failures.length > 0 ? failures.join(' ') : error.message).replaceAll('\n', ' ');
}

main(process.argv.slice(2)).catch((error: Error) => {
  console.error(`ihf: ${lineOf(error)}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
