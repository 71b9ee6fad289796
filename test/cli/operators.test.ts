import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openDatabase } from '../../server/store/database/database.ts';
import { PASSWORD, sql, Visitor } from '../admin/support.ts';
import { type TestServer, testServer } from '../support/server.ts';
import { cliJson } from './support.ts';

let server: TestServer;
before(async () => {
  server = await testServer();
});
after(() => server.close());

const ihf = <T>(...argv: string[]) =>
  cliJson<T>(argv, { DATABASE_URL: server.databaseUrl, IHF_PUBLIC_URL: server.url });

test('the CLI invites an operator, who can sign in until the CLI disables the account', async () => {
  const { link } = await ihf<{ link: string }>('operators', 'invite', 'ada');
  const visitor = new Visitor(server.url);
  await visitor.get(link.slice(server.url.length));
  const fields = { link: new URL(link).searchParams.get('link') ?? '', password: PASSWORD, confirmation: PASSWORD };
  assert.equal((await visitor.post('/admin/join', fields)).status, 303);
  await ihf('operators', 'disable', 'ada');
  assert.equal((await visitor.get('/admin')).status, 303);
  const [operator] = await ihf<{ name: string; disabled_at: string | null }[]>('operators', 'list');
  assert.deepEqual([operator?.name, operator?.disabled_at !== null], ['ada', true]);
});

test('a change through the CLI is audited under the name of the OS user', async () => {
  await ihf('hubs', 'create', 'storefront');
  const [entry] = await sql<{ actor: string }>(server, 'select actor from audit_log order by id desc limit 1');
  assert.match(entry?.actor ?? '', /^cli:./);
});

test('an actor can have any name', async () => {
  const actor = `cli:o'neil \\ the "2nd" -c role=x`;
  const database = openDatabase(server.databaseUrl, { connections: 1, actor });
  const [row] = await database.query("select current_setting('ihf.actor') as actor, current_role as role");
  await database.close();
  assert.deepEqual(row, { actor, role: 'ihf_app' });
});
