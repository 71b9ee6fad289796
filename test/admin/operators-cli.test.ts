import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { openDatabase } from '../../server/store/database/database.ts';
import { type TestServer, testServer } from '../support/server.ts';
import { PASSWORD, sql, Visitor } from './support.ts';

const exec = promisify(execFile);
const CLI = resolve(import.meta.dirname, '../../server/cli/main.js');

let hub: TestServer;
before(async () => {
  hub = await testServer();
});
after(() => hub.close());

async function ihf(...args: string[]): Promise<unknown> {
  const env = { ...process.env, DATABASE_URL: hub.databaseUrl, IHF_PUBLIC_URL: hub.url };
  const { stdout } = await exec(process.execPath, [CLI, ...args, '--json'], { env });
  return JSON.parse(stdout);
}

test('the CLI invites an operator, who signs in, and disables the operator', async () => {
  const { link } = (await ihf('operators', 'invite', 'ada')) as { link: string };
  const visitor = new Visitor(hub.url);
  await visitor.get(link.slice(hub.url.length));
  const fields = { link: new URL(link).searchParams.get('link') ?? '', password: PASSWORD, confirmation: PASSWORD };
  assert.equal((await visitor.post('/admin/join', fields)).status, 303);
  await ihf('operators', 'disable', 'ada');
  assert.equal((await visitor.get('/admin')).status, 303);
  const [operator] = (await ihf('operators', 'list')) as { name: string; disabled_at: string | null }[];
  assert.deepEqual([operator?.name, operator?.disabled_at !== null], ['ada', true]);
  await assert.rejects(ihf('operators', 'invite', 'Not A Name'), /is no name/);
});

test('a change through the CLI is audited under the name of the OS user', async () => {
  await ihf('hubs', 'create', 'storefront');
  const [entry] = await sql<{ actor: string }>(hub, 'select actor from audit_log order by id desc limit 1');
  assert.match(entry?.actor ?? '', /^cli:./);
});

test('an actor name may contain any character', async () => {
  const actor = `cli:o'neil \\ the "2nd" -c role=x`;
  const database = openDatabase(hub.databaseUrl, { connections: 1, actor });
  const [row] = await database.query("select current_setting('ihf.actor') as actor, current_role as role");
  await database.close();
  assert.deepEqual(row, { actor, role: 'ihf_app' });
});
