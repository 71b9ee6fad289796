import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { rotateClientSecret } from '../../server/access/client-secrets.ts';
import { temporaryFolder } from '../support/database.ts';
import { writeInto } from '../support/npm-project.ts';
import { createWidget, type TestServer, testServer } from '../support/server.ts';

const run = promisify(execFile);
const TSC = resolve(import.meta.dirname, '../../../node_modules/typescript/bin/tsc');
const EXAMPLE_ID = '01936f40-0d2e-7f6b-8a55-2f4f0f7e9a22';
const SECRET = `whsec_${Buffer.from('a secret of a subscription').toString('base64')}`;

/** Sends a signed and an altered message to the receiver of a sample, which listens at `url`. */
const SEND = `
import { signWebhook } from '@ihf/client';
const { body, headers } = await signWebhook(
  { type: 'hub.test', timestamp: '2026-11-20T09:30:00.000Z', data: {} } as never,
  process.env.IHF_WEBHOOK_SECRET ?? '',
);
const statuses: number[] = [];
for (const sent of [body, body.replace('hub.test', 'altered')]) {
  statuses.push((await SENDER('http://127.0.0.1:3001/ihf', { method: 'POST', headers, body: sent })).status);
}
if (statuses.join() !== '204,400') throw new Error(statuses.join());
`;
/** The end of the program of a sample that receives webhooks, by the text before it. */
const RECEIVERS: Record<string, string> = {
  Express: `${SEND.replace('SENDER', 'fetch')}server.close();`,
  Fastify: `${SEND.replace('SENDER', 'fetch')}await app.close();`,
  'Any handler with `Request` and `Response`, as in Next.js, Hono, Bun, Deno and Cloudflare Workers': SEND.replace(
    'SENDER',
    '((url: string, init: RequestInit) => POST(new Request(url, init)))',
  ),
};

const folder = temporaryFolder('ihf-readme-');
/** An HTTP proxy that tunnels. */
const tunnels: string[] = [];
const proxy = createServer().on('connect', ({ url = '' }, client) => {
  tunnels.push(url);
  const [host, port] = url.split(':');
  const upstream = connect(Number(port), host, () => {
    client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    upstream.pipe(client).pipe(upstream);
  });
  upstream.on('error', () => client.destroy());
  client.on('error', () => upstream.destroy());
});
let server: TestServer;
let env: NodeJS.ProcessEnv;
let readme: string;

/** The samples in a language, each with the last line of text before it. */
function samples(language: string): { title: string; code: string }[] {
  const blocks = readme.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'));
  return [...blocks].map((block) => {
    const before = readme.slice(0, block.index).trimEnd().split('\n');
    return { title: (before.at(-1) as string).replace(/:$/, ''), code: block[1] as string };
  });
}

/** Runs shell commands of the README in the project. */
const shell = (commands: string) =>
  run('bash', ['-euc', commands.replaceAll('https://hub.example.com', server.url)], { cwd: folder, env });

before(async () => {
  server = await testServer();
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const { widgetId } = await createWidget(server.api);
  const secret = await rotateClientSecret(server.database, server.caller.hubId, server.caller.consumerId, 0);
  env = {
    ...process.env,
    ...{ IHF_WEBHOOK_SECRET: SECRET, IHF_BASE_URL: server.url, IHF_API_KEY: server.caller.key },
    ...{ IHF_CLIENT_ID: server.caller.consumerId, IHF_CLIENT_SECRET: secret.client_secret },
    npm_config_cache: join(folder, 'cache'),
  };
  writeInto(folder, { 'package.json': '{ "private": true, "type": "module" }' });
  const packages = ['express@5', '@types/express@5', 'fastify@5', 'undici@7', '@types/node@20'];
  await run('npm', ['install', '--no-audit', '--no-fund', ...packages], { cwd: folder });
  // The commands of the section Install.
  await shell(`echo "@ihf:registry=${server.url}/api/v2/sdk/npm/" >> .npmrc; npm install @ihf/client`);
  readme = readFileSync(join(folder, 'node_modules/@ihf/client/README.md'), 'utf8').replaceAll(EXAMPLE_ID, widgetId);
});
after(async () => {
  proxy.closeAllConnections();
  proxy.close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

test('the README of the npm package has the commands that installed it', () => {
  const [install] = samples('sh');
  assert.equal(
    install?.code.replaceAll('https://hub.example.com', server.url),
    `echo "@ihf:registry=${server.url}/api/v2/sdk/npm/" >> .npmrc\nnpm install @ihf/client\n`,
  );
});

test('every TypeScript sample in the README of the npm package compiles under strict and runs against a server', async () => {
  const found = samples('ts');
  assert.equal(found.length, 14);
  const files = found.map(({ title, code }, index) => {
    const name = `sample${index}.ts`;
    writeInto(folder, { [name]: code + (RECEIVERS[title] ?? '') });
    return name;
  });
  assert.equal(found.filter(({ title }) => RECEIVERS[title]).length, 3);
  const compilerOptions = {
    ...{ target: 'es2022', module: 'nodenext', strict: true, skipLibCheck: true, types: ['node'], outDir: 'out' },
    ...{ exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, rootDir: '.' },
  };
  writeInto(folder, { 'tsconfig.json': JSON.stringify({ compilerOptions, files }) });
  const compiled = await run(process.execPath, [TSC, '--pretty', 'false'], { cwd: folder }).catch((error) => error);
  assert.equal(compiled.stdout, '');
  // Not for npm.
  const HTTPS_PROXY = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  for (const [index, { title, code }] of found.entries()) {
    const { stderr, code: failed } = await run(process.execPath, [`out/sample${index}.js`], {
      cwd: folder,
      env: { ...env, HTTPS_PROXY },
    }).catch((error) => error);
    assert.equal(failed, undefined, `${title}\n${code}\n${stderr}`);
  }
  assert.deepEqual(tunnels, [new URL(server.url).host], 'only the sample of a proxy uses it');
});

test('the commands for continuous integration run as printed', async () => {
  const [, commands] = samples('sh');
  const { stdout } = await shell(commands?.code ?? '');
  assert.match(stdout, /^ihf-client\.ts: contract revision \d+\nihf-client\.ts: up to date/);
});
