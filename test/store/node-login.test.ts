import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { Client } from '../../server/store/database/client.ts';
import { connectionConfig } from '../../server/store/database/connection-config.ts';
import { ensureNodeLogin, removeNodeLogin } from '../../server/store/database/node-login.ts';
import { testDatabase } from '../support/database.ts';
import { waitFor } from '../support/wait.ts';

const SECRET_KEY = randomBytes(32);

let database: Awaited<ReturnType<typeof testDatabase>>;
let url: string;

before(async () => {
  database = await testDatabase();
  url = (await ensureNodeLogin(database.url, SECRET_KEY)) as string;
});
after(() => database.drop());

async function asNode<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new Client(connectionConfig(url));
  await client.connect();
  return work(client).finally(() => client.end());
}

test('a node works as ihf_app, in a session whose own user owns nothing', async () => {
  const { rows } = await asNode((client) =>
    client.query(`select current_user, session_user like 'ihf_node_%' as is_login, rolsuper, rolcreaterole, rolcreatedb
      from pg_roles where rolname = session_user`),
  );
  assert.deepEqual(rows, [
    { current_user: 'ihf_app', is_login: true, rolsuper: false, rolcreaterole: false, rolcreatedb: false },
  ]);
});

// The attacks in a session of a node are tried by the scorecard.

test('every node derives the same login, another secret key another one, and a wrong password is replaced', async () => {
  assert.equal(await ensureNodeLogin(database.url, SECRET_KEY), url);
  const other = (await ensureNodeLogin(database.url, randomBytes(32))) as string;
  assert.notEqual(new URL(other).username, new URL(url).username);
  const owner = new pg.Client(database.url);
  await owner.connect();
  await owner.query(`alter role ${pg.escapeIdentifier(new URL(url).username)} password 'changed'`);
  await owner.end();
  assert.equal(await ensureNodeLogin(database.url, SECRET_KEY), url);
  await asNode((client) => client.query('select 1 from hubs'));
});

test('nodes that start at once create one login', async () => {
  const key = randomBytes(32);
  const urls = await Promise.all(Array.from({ length: 5 }, () => ensureNodeLogin(database.url, key)));
  assert.equal(new Set(urls).size, 1);
});

test('a login that owns nothing is used as it is', async () => {
  assert.equal(await ensureNodeLogin(url, randomBytes(32)), url);
});

test('the login of a key that no node uses any more is removed, and one in use is not', async () => {
  const key = randomBytes(32);
  const login = (await ensureNodeLogin(database.url, key)) as string;
  const client = new pg.Client(login);
  await client.connect();
  assert.equal(await removeNodeLogin(database.url, key), 'in_use');
  await client.query('select 1');
  await client.end();
  await waitFor(async () => (await removeNodeLogin(database.url, key)) === 'removed', 'its session has ended');
  await assert.rejects(new pg.Client(login).connect(), { code: '28P01' });
  assert.equal(await removeNodeLogin(database.url, key), 'missing');
});
