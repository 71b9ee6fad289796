import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { clearCookie, readCookie, writeCookie } from '../../server/admin/http/cookies.ts';
import { isSameOrigin } from '../../server/admin/http/origin.ts';
import { HashQueue } from '../../server/admin/sign-in/hash-queue.ts';
import { withHasher } from '../../server/admin/sign-in/passwords.ts';
import { firstInvitation, invitation } from '../../server/operator-invitations.ts';
import { setOperatorDisabled } from '../../server/store/operators/operators.ts';
import { type TestServer, testServer } from '../support/server.ts';
import { PASSWORD, signedIn, sql, Visitor } from './support.ts';

let server: TestServer;
before(async () => {
  server = await testServer();
});
after(() => server.close());
beforeEach(() => sql(server, 'delete from operator_attempts'));

async function signIn(
  name: string,
  password: string,
  next = '',
): Promise<{ visitor: Visitor; status: number; html: string; location: string }> {
  const visitor = new Visitor(server.url);
  await visitor.get('/admin/sign-in');
  const { status, html, location } = await visitor.post('/admin/sign-in', { name, password, next });
  return { visitor, status, html, location };
}

async function storedAttempts(): Promise<number> {
  return (await sql(server, 'select id from operator_attempts')).length;
}

test('the first operator is invited until an operator has joined', async () => {
  const link = new URL((await firstInvitation(server.database, server.url)) ?? '');
  assert.equal(link.pathname, '/admin/join');
  await signedIn(server, 'admin');
  assert.equal(await firstInvitation(server.database, server.url), undefined);
});

test('an invitation link works once, and only until a newer one is created', async () => {
  const [old, link] = [
    await invitation(server.database, server.url, 'eve', 't'),
    await invitation(server.database, server.url, 'eve', 't'),
  ];
  const pathOf = (url: string) => url.slice(server.url.length);
  const visitor = new Visitor(server.url);
  assert.equal((await visitor.get(pathOf(old))).status, 410);
  assert.match((await visitor.get(pathOf(link))).html, /value="eve"/);
  const fields = { link: new URL(link).searchParams.get('link') ?? '', password: PASSWORD, confirmation: PASSWORD };
  for (const password of ['short', 'Password123!']) {
    const { status, html } = await visitor.post('/admin/join', { ...fields, password, confirmation: password });
    assert.equal(status, 422, password);
    assert.match(html, /id="error-password"/);
  }
  assert.equal((await visitor.post('/admin/join', { ...fields, confirmation: 'another password' })).status, 422);
  assert.equal((await visitor.post('/admin/join', fields)).location, '/admin');
  const late = new Visitor(server.url);
  await late.get('/admin/sign-in');
  assert.equal((await late.post('/admin/join', fields)).status, 410);
});

test('sign-in returns to the requested page of the dashboard, and never to another site', async () => {
  await signedIn(server);
  const asked = await new Visitor(server.url).get('/admin/audit?actor=x');
  assert.equal(asked.location, `/admin/sign-in?next=${encodeURIComponent('/admin/audit?actor=x')}`);
  assert.equal((await signIn('ada', PASSWORD, '/admin/audit?actor=x')).location, '/admin/audit?actor=x');
  for (const next of [
    'https://evil.example',
    '//evil.example',
    '/admin//evil.example',
    '/admin\\@evil.example',
    '/api/v2',
  ]) {
    assert.equal((await signIn('ada', PASSWORD, next)).location, '/admin', next);
  }
});

test('a wrong password and an unknown name get the same response', async () => {
  await signedIn(server);
  const [wrong, unknown] = [await signIn('ada', 'wrong'), await signIn('nobody', PASSWORD)];
  assert.equal(wrong.status, 401);
  assert.equal(unknown.status, 401);
  const said = (html: string) => /class="errors"[\s\S]*?<\/div>/.exec(html)?.[0];
  assert.equal(said(wrong.html), said(unknown.html));
});

test('failed sign-ins with one name from one IP address are limited; another IP address is not locked out', async () => {
  await signedIn(server, 'mary');
  for (let attempt = 0; attempt < 10; attempt++) assert.equal((await signIn('mary', 'wrong')).status, 401);
  for (let attempt = 0; attempt < 5; attempt++) assert.equal((await signIn('mary', PASSWORD)).status, 429);
  assert.equal(await storedAttempts(), 10, 'rejected attempts do not count');
  assert.equal((await signIn('ada', PASSWORD)).status, 303);
  await sql(server, "update operator_attempts set ip_address = '192.0.2.1'");
  assert.equal((await signIn('mary', PASSWORD)).status, 303);
});

test('concurrent sign-ins wait in a short queue; beyond it they get 429 with Retry-After and do not count', async () => {
  await signedIn(server, 'mary');
  const statuses = await Promise.all(Array.from({ length: 16 }, async () => (await signIn('mary', 'wrong')).status));
  assert.equal(await storedAttempts(), statuses.filter((status) => status === 401).length);
  assert.ok(statuses.includes(429), String(statuses));
  assert.ok(
    statuses.every((status) => status === 401 || status === 429),
    String(statuses),
  );
});

test('password hashes run one at a time; at most four of one client and ten in total wait or run', async () => {
  const queue = new HashQueue();
  const finish: (() => void)[] = [];
  const refused: string[] = [];
  const hash = (client: string) =>
    queue
      .run(client, () => new Promise<void>((resolve) => finish.push(resolve)))
      .catch(({ code }) => refused.push(code));
  const all = [0, 1, 2].flatMap((client) => Array.from({ length: 5 }, () => hash(`client ${client}`)));
  await setImmediate();
  assert.equal(finish.length, 1);
  assert.equal(refused.length, 5, 'one of each of the first two clients, and three of the last');
  for (let done = 0; done < 10; done++) {
    await setImmediate();
    assert.ok(finish.length <= 1);
    finish.shift()?.();
  }
  await Promise.all(all);
  assert.deepEqual([...new Set(refused)], ['too_many_requests']);
});

test('an invalid link costs no password hash', async () => {
  const visitor = new Visitor(server.url);
  await visitor.get('/admin/sign-in');
  const fields = { link: 'bogus', password: PASSWORD, confirmation: PASSWORD };
  // Four hashes of one client are the most at a time: any more would be 429.
  const joins = Array.from({ length: 40 }, async () => (await visitor.post('/admin/join', fields)).status);
  assert.deepEqual([...new Set(await Promise.all(joins))], [410]);
});

test('every sign-in sets a new session token, so that a planted token is useless', async () => {
  await signedIn(server);
  const visitor = new Visitor(server.url);
  await visitor.get('/admin/sign-in');
  const planted = visitor.cookie;
  await visitor.post('/admin/sign-in', { name: 'ada', password: PASSWORD });
  assert.notEqual(visitor.cookie, planted);
  visitor.cookie = planted;
  assert.equal((await visitor.get('/admin')).status, 303);
});

test('a session ends by age, by inactivity, by signing out, and when its operator is disabled', async () => {
  const ends: [string, (visitor: Visitor) => Promise<unknown>][] = [
    ['age', () => sql(server, 'update operator_sessions set expires_at = now()')],
    ['unused', () => sql(server, "update operator_sessions set seen_at = now() - interval '3 hours'")],
    ['signed out', (visitor) => visitor.post('/admin/sign-out', {})],
    ['disabled', () => setOperatorDisabled(server.database, 'otto', true, 'test')],
  ];
  for (const [name, end] of ends) {
    const visitor = await signedIn(server, 'otto');
    assert.equal((await visitor.get('/admin')).status, 200, name);
    await end(visitor);
    assert.equal((await visitor.get('/admin')).status, 303, name);
    assert.equal((await visitor.post('/admin/hubs', { slug: 'late', name: 'Late' })).status, 401, name);
  }
});

test('the automatic refresh of a page does not extend its session', async () => {
  const visitor = await signedIn(server);
  const seen = () => sql<{ seen_at: Date }>(server, 'select max(seen_at) as seen_at from operator_sessions');
  await sql(server, "update operator_sessions set seen_at = now() - interval '1 hour'");
  const [before] = await seen();
  await visitor.get('/admin', { 'X-IHF-Live': 'yes' });
  assert.deepEqual((await seen())[0], before);
  await visitor.get('/admin');
  assert.notDeepEqual((await seen())[0], before);
});

test('passwords are hashed with argon2id; different encodings of the same characters match', async () => {
  const hash = await withHasher('test', (hasher) => hasher.hash('Zürich am See'));
  assert.match(hash, /^\$argon2id\$v=19\$m=65536,t=3,p=1\$/);
  const matches = (password: string, of?: string) => withHasher('test', (hasher) => hasher.matches(password, of));
  assert.equal(await matches('Zu\u0308rich am See', hash), true);
  assert.equal(await matches('Zurich am See', hash), false);
  assert.equal(await matches('dummy'), false);
});

test('the cookie is HttpOnly, and bound to the host over https', () => {
  const token = 'a'.repeat(43);
  assert.equal(writeCookie(token, true), `__Host-ihf-operator=${token}; Path=/; HttpOnly; SameSite=Lax; Secure`);
  assert.equal(writeCookie(token, false), `ihf-operator=${token}; Path=/; HttpOnly; SameSite=Lax`);
  assert.match(clearCookie(true), /^__Host-ihf-operator=; .*Max-Age=0; Secure$/);
  assert.equal(readCookie(`x=1; ihf-operator=${token}`, false), token);
  assert.equal(readCookie(`ihf-operator=${token}`, true), undefined);
});

test('only pages of the server itself count as same-origin', () => {
  const url = 'https://hub.example.com';
  const sender = { origin: url, site: 'same-origin', host: 'internal:3000' };
  assert.equal(isSameOrigin(sender, url), true);
  assert.equal(isSameOrigin({ ...sender, site: undefined }, url), true);
  assert.equal(isSameOrigin({ ...sender, origin: 'http://localhost:3000', host: 'localhost:3000' }, url), true);
  for (const site of ['cross-site', 'same-site', 'none'])
    assert.equal(isSameOrigin({ ...sender, site }, url), false, site);
  for (const origin of [undefined, 'null', 'https://evil.example', 'https://hub.example.com.evil.example']) {
    assert.equal(isSameOrigin({ ...sender, origin }, url), false, origin);
  }
});
