import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import pg from 'pg';
import { temporaryFolder } from '../support/database.ts';
import { newEventType } from '../support/registry.ts';
import { type TestServer, testServer } from '../support/server.ts';

// Asynchronous, because the installers call a server in this process.
const exec = promisify(execFile);
const PYTHON = process.env.IHF_PYTHON ?? 'python3';
const TOOLS = ['pnpm@9.15.9', 'yarn@1.22.22', '@yarnpkg/cli-dist@4.9.2'];

let server: TestServer;
let db: pg.Client;
const folder = temporaryFolder('ihf-installers-');
const tools = join(folder, 'tools');
const venv = join(folder, 'venv');

before(async () => {
  server = await testServer();
  db = new pg.Client(server.databaseUrl);
  await db.connect();
  mkdirSync(tools);
  await exec('npm', ['install', '--prefix', tools, '--no-audit', '--no-fund', '--ignore-scripts', ...TOOLS]);
  await exec(PYTHON, ['-m', 'venv', venv]);
  await exec(join(venv, 'bin/pip'), ['install', '--quiet', 'uv==0.9.11']);
});
after(async () => {
  await db.end();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Project {
  path: string;
  /** Runs a program in the project, with empty caches, as a new CI machine does. */
  run(file: string, ...args: string[]): Promise<string>;
  read(file: string): string;
}

function project(name: string, files: Record<string, string>): Project {
  const path = join(folder, name);
  mkdirSync(path);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text);
  return {
    path,
    async run(file, ...args) {
      const cache = join(folder, 'cache', crypto.randomUUID());
      const env = {
        ...process.env,
        ...{ HOME: cache, npm_config_cache: cache, npm_config_store_dir: cache, YARN_CACHE_FOLDER: cache },
        ...{ YARN_ENABLE_GLOBAL_CACHE: 'false', PIP_NO_CACHE_DIR: '1', UV_NO_CACHE: '1', CI: '1' },
      };
      return (await exec(file, args, { cwd: path, env })).stdout;
    },
    read: (file) => readFileSync(join(path, file), 'utf8'),
  };
}

const manifest = (name: string) => JSON.stringify({ name, type: 'module', private: true });
const npmrc = () => `@ihf:registry=${server.url}/api/v2/sdk/npm/\n`;
const revisionOf = (version: string): number => Number(version.split('.')[2]);
const installed = ({ read }: Project): number =>
  revisionOf(JSON.parse(read('node_modules/@ihf/client/package.json')).version);
const head = async (): Promise<number> => (await db.query('select revision from contract_state')).rows[0].revision;

test('pnpm installs from its lock file after a value was added, and updates by range', async () => {
  const place = project('pnpm', { 'package.json': manifest('pnpm'), '.npmrc': npmrc() });
  const pnpm = join(tools, 'node_modules/.bin/pnpm');
  await place.run(pnpm, 'add', '@ihf/client');
  const first = installed(place);
  await newEventType(db);
  rmSync(join(place.path, 'node_modules'), { recursive: true });
  await place.run(pnpm, 'install', '--frozen-lockfile');
  assert.equal(installed(place), first);
  // pnpm keeps to the store that filled the folder.
  rmSync(join(place.path, 'node_modules'), { recursive: true });
  await place.run(pnpm, 'update');
  assert.equal(installed(place), await head());
});

test('Yarn 1 installs from its lock file after a value was added, and updates by range', async () => {
  const place = project('yarn', { 'package.json': manifest('yarn'), '.npmrc': npmrc() });
  const yarn = join(tools, 'node_modules/yarn/bin/yarn.js');
  await place.run(process.execPath, yarn, 'add', '@ihf/client');
  const first = installed(place);
  await newEventType(db);
  rmSync(join(place.path, 'node_modules'), { recursive: true });
  await place.run(process.execPath, yarn, 'install', '--frozen-lockfile');
  assert.equal(installed(place), first);
  await place.run(process.execPath, yarn, 'upgrade');
  assert.equal(installed(place), await head());
});

test('Yarn 4 installs from its lock file after a value was added, and updates by range', async () => {
  const config = [
    'nodeLinker: node-modules',
    'enableTelemetry: false',
    // The server of this test has no TLS.
    'unsafeHttpWhitelist: ["127.0.0.1"]',
    `npmScopes: { ihf: { npmRegistryServer: "${server.url}/api/v2/sdk/npm" } }`,
  ];
  const place = project('yarn4', {
    'package.json': manifest('yarn4'),
    'yarn.lock': '',
    '.yarnrc.yml': `${config.join('\n')}\n`,
  });
  const yarn = join(tools, 'node_modules/@yarnpkg/cli-dist/bin/yarn.js');
  await place.run(process.execPath, yarn, 'add', '@ihf/client');
  const first = installed(place);
  await newEventType(db);
  rmSync(join(place.path, 'node_modules'), { recursive: true });
  await place.run(process.execPath, yarn, 'install', '--immutable');
  assert.equal(installed(place), first);
  await place.run(process.execPath, yarn, 'up', '-R', '@ihf/client');
  assert.equal(installed(place), await head());
});

test('the pip command of the start page installs the asynchronous client', async () => {
  const page = await (await fetch(server.url)).text();
  const [, requirement = ''] =
    /pip install &quot;(ihf-client\[async\] @ [^&]+(?:&#x3D;[^&]+)?)&quot;|$/.exec(page.replaceAll('"', '&quot;')) ??
    [];
  const place = project('pip', {});
  const wanted = requirement.replace('&#x3D;', '=');
  assert.match(wanted, /#sha256=[0-9a-f]{64}$/);
  await place.run(PYTHON, '-m', 'venv', 'venv');
  await place.run('venv/bin/pip', 'install', '--quiet', wanted);
  const script = 'import httpx, ihf_client; ihf_client.AsyncIhfClient; print(ihf_client.CONTRACT_REVISION)';
  assert.equal(Number(await place.run('venv/bin/python', '-c', script)), await head());
});

test('uv locks the client from an explicit index, installs it after a value was added, and upgrades it', async () => {
  const place = project('uv', {
    'pyproject.toml': `[project]
name = "place"
version = "1.0.0"
requires-python = ">=3.10"
dependencies = ["ihf-client[async]>=2,<3"]

[[tool.uv.index]]
name = "ihf"
url = "${server.url}/api/v2/sdk/simple/"
explicit = true

[tool.uv.sources]
ihf-client = { index = "ihf" }
`,
  });
  const uv = join(venv, 'bin/uv');
  const version = async () =>
    revisionOf(
      (
        await place.run(
          '.venv/bin/python',
          '-c',
          'from importlib.metadata import version; print(version("ihf-client"))',
        )
      ).trim(),
    );
  await place.run(uv, 'sync', '--quiet', '--python', PYTHON);
  const first = await version();
  assert.match(place.read('uv.lock'), /ihf_client-2\.0\.\d+-py3-none-any\.whl", hash = "sha256:/);
  await newEventType(db);
  rmSync(join(place.path, '.venv'), { recursive: true });
  await place.run(uv, 'sync', '--quiet', '--locked', '--python', PYTHON);
  assert.equal(await version(), first);
  await place.run(uv, 'sync', '--quiet', '--upgrade-package', 'ihf-client', '--python', PYTHON);
  assert.equal(await version(), await head());
});
