import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import pg from 'pg';
import { rotateClientSecret } from '../../server/access/client-secrets.ts';
import { temporaryFolder } from '../support/database.ts';
import { createWidget, type TestServer, testServer } from '../support/server.ts';

/** An interpreter with what test/requirements.txt names. */
const PYTHON = process.env.IHF_PYTHON ?? 'python3';
const EXAMPLE_ID = '01936f40-0d2e-7f6b-8a55-2f4f0f7e9a22';
const SECRET = `whsec_${Buffer.from('a secret of a subscription').toString('base64')}`;

/** Sends a signed and an altered message to the receiver of a sample. */
const RECEIVERS: Record<string, string> = {
  Flask: `
client = app.test_client()
statuses = [client.post("/ihf", data=body, headers=signed.headers).status_code for body in bodies]
`,
  FastAPI: `
from fastapi.testclient import TestClient
client = TestClient(app)
statuses = [client.post("/ihf", content=body, headers=signed.headers).status_code for body in bodies]
`,
  Django: `
from django.conf import settings
settings.configure(ALLOWED_HOSTS=["*"])
from django.test import RequestFactory
post = lambda body: RequestFactory().post("/ihf", body, "application/json", headers=signed.headers)
statuses = [receive(post(body)).status_code for body in bodies]
`,
};
const SIGNED = `
from ihf_client import sign_webhook
message = {"type": "interaction.recorded", "timestamp": "2026-11-20T09:30:00.000Z", "data": {}}
signed = sign_webhook(message, os.environ["IHF_WEBHOOK_SECRET"])
bodies = [signed.body, signed.body.replace("recorded", "altered")]
`;

const run = promisify(execFile);
const folder = temporaryFolder('ihf-readme-');
let server: TestServer;
let env: NodeJS.ProcessEnv;
let readme: string;

before(async () => {
  server = await testServer();
  const { widgetId } = await createWidget(server.api);
  const secret = await rotateClientSecret(server.database, server.caller.hubId, server.caller.consumerId, 0);
  const wheel = join(folder, 'ihf_client.whl');
  writeFileSync(wheel, Buffer.from(await (await fetch(`${server.url}/api/v2/sdk/ihf_client-latest`)).arrayBuffer()));
  await run(PYTHON, ['-m', 'zipfile', '-e', wheel, folder]);
  readme = readFileSync(join(folder, 'ihf_client/README.md'), 'utf8').replaceAll(EXAMPLE_ID, widgetId);
  env = {
    ...process.env,
    ...{ PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: '1', IHF_WEBHOOK_SECRET: SECRET },
    ...{ IHF_BASE_URL: server.url, IHF_API_KEY: server.caller.key },
    ...{ IHF_CLIENT_ID: server.caller.consumerId, IHF_CLIENT_SECRET: secret.client_secret },
  };
});
after(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The samples in a language, each with the last line of text before it. */
function samples(language: string): { title: string; code: string }[] {
  const blocks = readme.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'));
  return [...blocks].map((block) => {
    const before = readme.slice(0, block.index).trimEnd().split('\n');
    return { title: (before.at(-1) as string).replace(/:$/, ''), code: block[1] as string };
  });
}

test('every Python sample in the README of the wheel runs against a server, without a warning', async () => {
  const found = samples('python');
  assert.equal(found.length, 15);
  for (const [index, { title, code }] of found.entries()) {
    const receiver = RECEIVERS[title];
    const own = title === 'Flask' || title === 'FastAPI' || title === 'Django';
    assert.equal(receiver !== undefined, own);
    const file = join(folder, `sample_${index}.py`);
    writeFileSync(file, receiver ? `${code}${SIGNED}${receiver}assert statuses == [204, 400], statuses\n` : code);
    const flags = receiver ? [] : ['-W', 'error'];
    await assert.doesNotReject(run(PYTHON, [...flags, file], { cwd: folder, env }), `${title}: ${code}`);
  }
});

test('the samples pass strict type checks', async () => {
  for (const [index, { title, code }] of samples('python').entries()) {
    if (RECEIVERS[title]) continue;
    writeFileSync(join(folder, `typed_${index}.py`), code);
  }
  const files = samples('python').flatMap(({ title }, index) => (RECEIVERS[title] ? [] : [`typed_${index}.py`]));
  for (const file of files) await run(PYTHON, ['-m', 'mypy', '--strict', file], { cwd: folder, env });
});

test('python -m ihf_client writes a file and fails for an edited and an outdated one', async () => {
  const ihf = async (...args: string[]) => {
    const done = await run(PYTHON, ['-W', 'error', '-m', 'ihf_client', ...args], { cwd: folder, env }).catch(
      (error: { code: number; stdout: string; stderr: string }) => error,
    );
    return { code: 'code' in done ? done.code : 0, output: done.stdout + done.stderr };
  };
  for (const lang of ['py', 'ts']) {
    const pulled = await ihf('pull', '--server', server.url, '--lang', lang, '--out', `own.${lang}`);
    assert.match(pulled.output, new RegExp(`^own\\.${lang}: contract revision \\d+\n$`));
  }
  assert.match((await ihf('check', 'own.py', 'own.ts')).output, /^own\.py: up to date.*\nown\.ts: up to date/);
  writeFileSync(join(folder, 'crlf.py'), readFileSync(join(folder, 'own.py'), 'utf8').replaceAll('\n', '\r\n'));
  assert.equal((await ihf('check', 'crlf.py')).code, 0);
  writeFileSync(join(folder, 'edited.py'), readFileSync(join(folder, 'own.py'), 'utf8').replace('Client', 'Clint'));
  const edited = await ihf('check', 'edited.py');
  assert.deepEqual([edited.code, /edited since it was downloaded/.test(edited.output)], [1, true]);
  const db = new pg.Client(server.databaseUrl);
  await db.connect();
  await db.query("insert into event_types (name, label) values ('waved', 'Waved')");
  await db.end();
  const outdated = await ihf('check', 'own.py');
  assert.match(outdated.output, /the server has \d+\n {2}.*'waved'/);
  assert.equal(outdated.code, 1);
  assert.equal((await ihf('check', '--fail-on', 'breaking', 'own.py')).code, 0);
  Object.assign(env, { IHF_API_KEY: '', IHF_CLIENT_ID: '' });
  const anonymous = await ihf('check', 'own.py');
  assert.deepEqual([anonymous.code, /To list the changes, set IHF_API_KEY/.test(anonymous.output)], [1, true]);
  assert.equal((await ihf('check', '--server', 'http://127.0.0.1:1', 'own.py')).code, 2);
  assert.equal((await ihf('check', 'missing.py')).code, 2);
});
