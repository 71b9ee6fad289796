import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import type { CliCommand } from '../../server/cli/command.ts';
import { COMMANDS } from '../../server/cli/commands/index.ts';
import { helpFor } from '../../server/cli/help.ts';
import { parseArguments } from '../../server/cli/parse-arguments.ts';
import { cliError, runCli } from './support.ts';

const WIDTH = 100;

const PACKAGE_JSON = resolve(import.meta.dirname, '../../../package.json');

/** Every command with its path. */
const ALL: [path: string[], command: CliCommand][] = Object.entries(COMMANDS).flatMap(([noun, entry]) =>
  'run' in entry
    ? [[[noun], entry] as [string[], CliCommand]]
    : Object.entries(entry.commands).map(([verb, command]): [string[], CliCommand] => [[noun, verb], command]),
);

test('ihf --help lists every command, ihf NOUN --help every command of the noun', () => {
  const overview = helpFor([], COMMANDS, WIDTH);
  for (const [[noun = '', verb], command] of ALL) {
    assert.match(overview, new RegExp(`^ {2}${noun} `, 'm'));
    if (verb === undefined) continue;
    assert.match(overview, new RegExp(`\\b${verb}\\b`));
    const group = helpFor([noun], COMMANDS, 1_000);
    assert.match(group, new RegExp(`^ {2}${verb} `, 'm'));
    assert.ok(group.includes(command.summary), command.summary);
  }
});

test('the help of every command describes each argument and option, with its default, and has examples', () => {
  for (const [path, command] of ALL) {
    const help = helpFor(path, COMMANDS, 1_000);
    const usage = `ihf ${path.join(' ')}`;
    assert.ok(help.includes(`Usage: ${usage}`), usage);
    for (const [name, argument] of Object.entries(command.arguments)) {
      const description = typeof argument === 'string' ? argument : `${argument.description} (optional)`;
      assert.ok(description.length > 3, `${usage} ${name}`);
      const line = help.split('\n').find((each) => each.startsWith(`  ${name.toUpperCase()} `));
      assert.ok(line?.endsWith(description), `${usage} ${name}: ${line}`);
    }
    for (const [name, option] of Object.entries(command.options)) {
      const line =
        help.split('\n').find((each) => each.startsWith(`  --${name} `)) ?? assert.fail(`${usage} --${name}`);
      assert.ok(line.includes(option.description), line);
      const byDefault = option.default ?? option.otherwise;
      const isFilter = option.description.startsWith('List only');
      if (option.value && !option.required && !isFilter) assert.ok(line.includes(`default: ${byDefault}`), line);
    }
    assert.match(help, /^ {2}--json /m);
    assert.match(help, /^Examples:\n {2}(npm run -s ihf --|ihf) /m);
  }
});

test('every example in the help is a command line that parses', () => {
  for (const [, command] of ALL) {
    assert.ok(command.examples.length > 0);
    for (const example of command.examples) {
      const argv = [...example.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
      const invocation = parseArguments(argv, COMMANDS);
      assert.equal(invocation.kind === 'run' && invocation.command, command, example);
    }
  }
});

test('help wraps to the width of the terminal', () => {
  for (const [path] of ALL) {
    const tooWide = helpFor(path, COMMANDS, 80)
      .split('\nExamples:')[0]
      ?.split('\n')
      .filter((line) => line.length > 80);
    assert.deepEqual(tooWide, [], path.join(' '));
  }
});

test('--help, -h, help and no argument print help to standard output and exit with 0', async () => {
  for (const argv of [[], ['--help'], ['help'], ['-h']]) {
    const { code, stdout, stderr } = await runCli(argv);
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^ihf: operate an IHF Hub installation\n\nUsage: (npm run -s ihf --|ihf) COMMAND \[OPTIONS\]/);
  }
  for (const argv of [
    ['keys', '--help'],
    ['help', 'keys'],
  ]) {
    assert.match((await runCli(argv)).stdout, /^Manage API keys\n\nUsage: ihf keys COMMAND/);
  }
  for (const argv of [
    ['keys', 'create', '--help'],
    ['keys', 'create', 'web', '-h'],
    ['help', 'keys', 'create'],
  ]) {
    assert.match((await runCli(argv)).stdout, /^Create an API key .*\n\nUsage: ihf keys create CONSUMER/);
  }
});

test('--version prints the version of package.json', async () => {
  const { version } = JSON.parse(readFileSync(PACKAGE_JSON, 'utf8'));
  assert.deepEqual(await runCli(['--version']), { code: 0, stdout: `${version}\n`, stderr: '' });
});

test('a usage error exits with 2 and one line that names the nearest command, option or value', async () => {
  const cases: [argv: string[], line: RegExp][] = [
    [['key', 'list'], /^ihf: Unknown command 'key'\. Did you mean 'keys'\? Run 'ihf --help' to list all commands\.$/],
    [['keys', 'lst'], /^ihf: Unknown command 'keys lst'\. Did you mean 'keys list'\? Run 'ihf keys --help'/],
    [['keys', 'forget', 'x'], /^ihf: Unknown command 'keys forget'\. Run 'ihf keys --help' to list its commands\.$/],
    [['constructor'], /^ihf: Unknown command 'constructor'\. Run/],
    [['keys', 'toString'], /^ihf: Unknown command 'keys toString'\. Run/],
    [['keys'], /^ihf: 'keys' needs a command: list, create, rotate, revoke\. Run 'ihf keys --help'\.$/],
    [
      ['keys', 'list', '--consumr', 'x'],
      /Unknown option '--consumr'\. Did you mean '--consumer'\? Usage: ihf keys list/,
    ],
    [['keys', 'list', '--__proto__', 'x'], /Unknown option '--__proto__'\. Usage:/],
    [['webhooks', 'recover', 'x', '2027-01-01', '--count=yes'], /--count takes no value\. Write --count alone\.$/],
    [['webhooks', 'recover', 'x', '2027-01-01', '--count', 'yes'], /Unexpected argument 'yes'\. Usage: ihf webhooks/],
    [['keys', 'list', '--consumer'], /--consumer needs a value\. If the value is '--json', write --consumer=--json\.$/],
    [['keys', 'list', '--consumer='], /--consumer needs a value\. Usage:/],
    [['keys', 'list', '--consumer', 'a', '--consumer', 'b'], /--consumer was given more than once\./],
    [['keys', 'create'], /^ihf: Missing argument CONSUMER\. Usage: ihf keys create CONSUMER \[--name TEXT\]/],
    [['keys', 'revoke', 'x', 'y'], /^ihf: Unexpected argument 'y'\. Usage: ihf keys revoke KEY \[--json\]$/],
    [['registries', 'add', 'event_types', 'x'], /^ihf: --label is required\. Usage: ihf registries add/],
    [
      ['registries', 'list', 'event_types', '--status', 'deprecatd'],
      /--status must be one of active, deprecated, retired \(got 'deprecatd'\)\. Did you mean 'deprecated'\?$/,
    ],
  ];
  for (const [argv, expected] of cases) {
    const { line, code } = await cliError(argv);
    assert.match(line, expected);
    assert.equal(code, 2, line);
  }
});
