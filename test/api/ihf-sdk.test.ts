import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import pg from 'pg';
import { temporaryFolder } from '../support/database.ts';
import { type TestServer, testServer } from '../support/server.ts';

// Asynchronous, because the tool calls a server in this process.
const run = promisify(execFile);

let server: TestServer;
let db: pg.Client;
const folder = temporaryFolder('ihf-tool-');

before(async () => {
  server = await testServer();
  db = new pg.Client(server.databaseUrl);
  await db.connect();
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"type":"module","private":true}');
  const options = ['--no-audit', '--no-fund', '--cache', join(folder, 'cache')];
  await run('npm', ['install', ...options, `${server.url}/api/v2/sdk/ihf-client.tgz`], { cwd: folder });
});
after(async () => {
  await db.end();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the tool as installed by npm. */
async function tool(
  args: string[],
  apiKey = server.caller.key,
  baseUrl = server.url,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = { ...process.env, IHF_API_KEY: apiKey, IHF_BASE_URL: baseUrl };
  return run(join(folder, 'node_modules/.bin/ihf-sdk'), args, { cwd: folder, env }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  );
}

const pull = (lang: string, out: string) => tool(['pull', '--server', server.url, '--lang', lang, '--out', out]);

test('`ihf-sdk pull` writes the client, prints one line, and `check` finds it up to date', async () => {
  for (const lang of ['ts', 'py']) {
    const file = `client.${lang}`;
    assert.match((await pull(lang, file)).stdout, new RegExp(`^${file}: contract revision \\d+\n$`));
    const text = readFileSync(join(folder, file), 'utf8');
    const served = await (await fetch(`${server.url}/api/v2/sdk/ihf-client.${lang}`)).text();
    assert.ok(text.startsWith(served));
    assert.match(
      text.slice(served.length),
      /^(\/\/|#) ihf-sdk hub=http:\S+ lang=(ts|py) revision=\d+ sha256=\w{64}\n$/,
    );
    const { code, stdout } = await tool(['check', file]);
    assert.deepEqual([code, /^client\.\w+: up to date, contract revision \d+\n$/.test(stdout)], [0, true], stdout);
  }
});

test('`ihf-sdk check` fails for an outdated file and lists each changed value', async () => {
  await pull('ts', 'behind.ts');
  await db.query("insert into event_types (name, label) values ('waved', 'Waved')");
  const added = await tool(['check', 'behind.ts']);
  assert.equal(added.code, 1);
  assert.match(added.stdout, /^behind\.ts: contract revision \d+, the server has \d+\n {2}.*'waved'.*\n$/);
  assert.equal((await tool(['check', '--fail-on', 'breaking', 'behind.ts'])).code, 0);
  await db.query("update event_types set status = 'retired' where name = 'waved'");
  const retired = await tool(['check', '--fail-on', 'breaking', 'behind.ts']);
  assert.equal(retired.code, 0, 'a value that was added and retired since is not a change');
  await db.query("update event_types set status = 'retired' where name = 'clicked'");
  const broken = await tool(['check', '--fail-on', 'breaking', 'behind.ts']);
  assert.deepEqual([broken.code, /'clicked'.*\(breaks requests\)/.test(broken.stdout)], [1, true], broken.stdout);
  await pull('ts', 'behind.ts');
  assert.equal((await tool(['check', 'behind.ts'])).code, 0);
});

test('`ihf-sdk check` reports an edited file', async () => {
  await pull('py', 'edited.py');
  const file = join(folder, 'edited.py');
  writeFileSync(file, readFileSync(file, 'utf8').replace('class ValueInfo', 'class EditedInfo'));
  const { code, stdout } = await tool(['check', 'edited.py']);
  assert.deepEqual([code, stdout.startsWith('edited.py: edited since it was downloaded.')], [1, true]);
});

test('`ihf-sdk check` accepts a file that Git checked out with CRLF', async () => {
  await pull('ts', 'crlf.ts');
  const file = join(folder, 'crlf.ts');
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll('\n', '\r\n'));
  const { code, stdout } = await tool(['check', 'crlf.ts']);
  assert.deepEqual([code, stdout.startsWith('crlf.ts: up to date')], [0, true], stdout);
});

test('`ihf-sdk check` reports an outdated file also without a valid key, and says what lists the changes', async () => {
  await pull('ts', 'late.ts');
  await db.query("insert into event_types (name, label) values ('bowed', 'Bowed')");
  for (const key of ['', 'ihf_live_wrong']) {
    const { code, stdout } = await tool(['check', 'late.ts'], key);
    assert.deepEqual([code, stdout.endsWith('or --server to the URL of its server.\n')], [1, true], stdout);
  }
});

test('`ihf-sdk check` compares with --server, and sends no key to a server that only the file names', async () => {
  const authorizations: (string | undefined)[] = [];
  const stranger = createServer(({ headers }, response) => {
    authorizations.push(headers.authorization);
    response.writeHead(200, { 'IHF-Contract-Revision': '999999' }).end('{"changes":[]}');
  });
  await new Promise<void>((done) => stranger.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
  try {
    await pull('ts', 'theirs.ts');
    const file = join(folder, 'theirs.ts');
    writeFileSync(file, readFileSync(file, 'utf8').replace(`hub=${server.url}`, `hub=${url}`));
    for (const baseUrl of ['', server.url]) await tool(['check', 'theirs.ts'], server.caller.key, baseUrl);
    assert.deepEqual(new Set(authorizations), new Set([undefined]));
    assert.equal(authorizations.length, 4);
    const { code, stdout } = await tool(['check', '--server', server.url, 'theirs.ts'], server.caller.key, '');
    assert.deepEqual([code, stdout.startsWith('theirs.ts: up to date')], [0, true], stdout);
  } finally {
    stranger.close();
  }
});

test('`ihf-sdk pull` works without a key or with an empty one, and --help exits with 0', async () => {
  const pulled = await tool(['pull', '--server', server.url, '--lang', 'ts', '--out', 'keyless.ts'], '');
  assert.deepEqual([pulled.code, pulled.stderr], [0, '']);
  const help = await tool(['--help']);
  assert.deepEqual([help.code, help.stdout.startsWith('Usage: ihf-sdk pull')], [0, true]);
});

test('every failure of `ihf-sdk` is one line on standard error', async () => {
  appendFileSync(join(folder, 'other.ts'), 'export {};\n');
  for (const [args, key, expected] of [
    [['check', 'other.ts'], server.caller.key, /^ihf-sdk: other\.ts does not end with an ihf-sdk line/],
    [['check', 'missing.ts'], server.caller.key, /^ihf-sdk: ENOENT/],
    [
      ['pull', '--server', 'http://127.0.0.1:1', '--lang', 'ts', '--out', 'x'],
      server.caller.key,
      /^ihf-sdk: GET http:.* failed: /,
    ],
    [['pull', '--lang', 'go', '--out', 'x'], server.caller.key, /^Usage: ihf-sdk pull/],
    [[], server.caller.key, /^Usage: ihf-sdk pull/],
  ] as const) {
    const { code, stderr } = await tool([...args], key);
    assert.deepEqual([code, expected.test(stderr)], [2, true], stderr);
  }
});
