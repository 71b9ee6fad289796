#!/usr/bin/env node
// `npm run -s ihf -- NOUN VERB …`: the operator's command line.
import { IhfError } from '../errors.ts';
import { readVersion } from '../project-files.ts';
import { type CliCommand, type CliInput, type CliResult, UsageError } from './command.ts';
import { COMMANDS } from './commands/index.ts';
import { helpFor } from './help.ts';
import { parseArguments } from './parse-arguments.ts';
import { Session } from './session.ts';

/** Wider lines are hard to read. */
const HELP_WIDTH = 100;

async function main(argv: readonly string[]): Promise<void> {
  const invocation = parseArguments(argv, COMMANDS);
  if (invocation.kind === 'version') return console.log(await readVersion());
  if (invocation.kind === 'help') {
    const width = Math.min(HELP_WIDTH, process.stdout.columns ?? HELP_WIDTH);
    return console.log(helpFor(invocation.path, COMMANDS, width));
  }
  const { command, input, json } = invocation;
  const result = await run(command, input);
  console.log(json ? JSON.stringify(result.json, null, 2) : result.text);
}

async function run(command: CliCommand, input: CliInput): Promise<CliResult> {
  const session = new Session();
  try {
    return await command.run(input, session);
  } finally {
    await session.close();
  }
}

/** The message in one line; of input that breaks the contract, every validation issue. */
function lineOf(error: Error): string {
  const issues = error instanceof IhfError ? error.issues.map(({ detail }) => detail) : [];
  return (issues.length > 0 ? issues.join(' ') : error.message).replaceAll(/\s*\n\s*/g, ' ');
}

main(process.argv.slice(2)).catch((error: Error) => {
  console.error(`ihf: ${lineOf(error)}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
