import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { invitation } from '../../server/operator-invitations.ts';
import { type TestServer, testServer } from '../support/server.ts';
import { PASSWORD, signedIn, sql, Visitor } from './support.ts';

const NEW_PASSWORD = 'lantern orbit velvet cactus';

let server: TestServer;
before(async () => {
  server = await testServer();
});
after(() => server.close());
beforeEach(() => sql(server, 'delete from operator_attempts'));

/** Signs in from another browser. */
async function signInAgain(name: string, password = PASSWORD): Promise<{ visitor: Visitor; status: number }> {
  const visitor = new Visitor(server.url);
  await visitor.get('/admin/sign-in');
  const { status } = await visitor.post('/admin/sign-in', { name, password });
  if (status === 303) await visitor.get('/admin/consumers');
  return { visitor, status };
}

const isSignedIn = async (visitor: Visitor) => (await visitor.get('/admin')).status === 200;

const change = (visitor: Visitor, current: string, password: string, confirmation = password) =>
  visitor.post('/admin/account/password', { current, password, confirmation });

interface Entry {
  action: string;
  subject_type: string;
  after: Record<string, unknown>;
}

/** The last audit entry of the operator. */
async function lastAudit(name: string): Promise<Entry | undefined> {
  const columns = 'action, subject_type, after';
  const entries = await sql<Entry>(
    server,
    `select ${columns} from audit_log where actor = $1 order by id desc limit 1`,
    [`operator:${name}`],
  );
  return entries[0];
}

test('an operator changes the password: the old one, other sessions and links become invalid, and it is audited', async () => {
  const visitor = await signedIn(server, 'ada');
  const { visitor: other } = await signInAgain('ada');
  const bystander = await signedIn(server, 'mary');
  const link = (await invitation(server.database, server.url, 'ada', 'test')).slice(server.url.length);
  const oldCookie = visitor.cookie;

  assert.equal((await change(visitor, PASSWORD, NEW_PASSWORD)).location, '/admin/account?done=password-changed');
  const entry = await lastAudit('ada');
  assert.deepEqual(
    [entry?.action, entry?.subject_type, Object.keys(entry?.after ?? {})],
    ['changed', 'operators', ['password_set_at']],
  );
  assert.deepEqual(
    [await isSignedIn(visitor), await isSignedIn(other), await isSignedIn(bystander)],
    [true, false, true],
  );
  assert.notEqual(visitor.cookie, oldCookie, 'the session has a new token');
  assert.equal((await new Visitor(server.url).get(link)).status, 410);
  assert.equal((await signInAgain('ada')).status, 401);
  assert.equal((await signInAgain('ada', NEW_PASSWORD)).status, 303);
});

test('an invalid change of the password names the field and changes nothing', async () => {
  const visitor = await signedIn(server, 'vera');
  const cases: [field: string, ...values: Parameters<typeof change>][] = [
    ['current', visitor, 'wrong', NEW_PASSWORD],
    ['password', visitor, PASSWORD, 'Password123!'],
    ['password', visitor, PASSWORD, PASSWORD],
    ['confirmation', visitor, PASSWORD, NEW_PASSWORD, 'another'],
  ];
  for (const [field, ...values] of cases) {
    const { status, html } = await change(...values);
    assert.equal(status, 422);
    assert.match(html, new RegExp(`id="error-${field}"`), field);
    assert.doesNotMatch(html, /correct horse|lantern/, 'no password is returned');
  }
  assert.equal(await isSignedIn(visitor), true);
  assert.equal((await signInAgain('vera')).status, 303);
});

test('wrong current passwords are limited as failed sign-ins are, by number and by the queue of hashes', async () => {
  const visitor = await signedIn(server, 'otto');
  const statuses = await Promise.all(
    Array.from({ length: 9 }, async () => (await change(visitor, 'wrong', NEW_PASSWORD)).status),
  );
  assert.deepEqual([...new Set(statuses)].sort(), [422, 429], String(statuses));
  await sql(
    server,
    "insert into operator_attempts (name, ip_address) select 'otto', ip_address from operator_attempts, generate_series(1, 10)",
  );
  const limited = await change(visitor, PASSWORD, NEW_PASSWORD);
  assert.equal(limited.status, 429);
  assert.match(limited.html, /Too many attempts/);
});

test('an operator sees and ends only their own sessions', async () => {
  const visitor = await signedIn(server, 'eve');
  const { visitor: other } = await signInAgain('eve');
  const bystander = await signedIn(server, 'mary');
  const rows = async () => (await visitor.get('/admin/account')).html.match(/<th scope="row">/g)?.length;
  const endOf = ({ html }: { html: string }) => /\/admin\/account\/sessions\/[\w-]+\/end/.exec(html)?.[0] ?? '';
  const page = await visitor.get('/admin/account');
  assert.equal(await rows(), 2);
  assert.equal(page.html.match(/this session/g)?.length, 1);

  await bystander.post(endOf(page), {});
  assert.equal(await isSignedIn(other), true, "another operator's session cannot be ended");
  assert.equal((await visitor.post(endOf(page), {})).location, '/admin/account?done=session-ended');
  assert.deepEqual([await isSignedIn(visitor), await isSignedIn(other)], [true, false]);
  assert.deepEqual(await lastAudit('eve'), {
    action: 'signed_out',
    subject_type: 'operators',
    after: { ended_sessions: 1 },
  });
  assert.equal(await rows(), 1);
});

test('"Sign out everywhere" ends all sessions of the operator, and no others', async () => {
  const visitor = await signedIn(server, 'zoe');
  const { visitor: other } = await signInAgain('zoe');
  const bystander = await signedIn(server, 'mary');
  assert.equal((await visitor.post('/admin/account/sign-out-everywhere', {})).location, '/admin/sign-in');
  assert.deepEqual((await lastAudit('zoe'))?.after, { ended_sessions: 2 });
  assert.deepEqual(
    [await isSignedIn(visitor), await isSignedIn(other), await isSignedIn(bystander)],
    [false, false, true],
  );
});
