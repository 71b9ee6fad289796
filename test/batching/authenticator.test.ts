import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Authenticator } from '../../server/batching/authenticator.ts';
import { IhfError } from '../../server/errors.ts';
import type { Admission, PresentedCredential, Usage } from '../../server/store/access/admissions.ts';
import type { Identity } from '../../server/store/access/identities.ts';

const FULL_MINUTE: Usage = {
  ...{ rate: 10, quota: 100, minute_left: 0, minute_ends_ms: 60_000, day_left: 50, day_ends_ms: 3_600_000 },
};
const identity = { consumer_id: 'a consumer' } as Identity;
const admitted: Admission = { identity, admitted: true, usage: { ...FULL_MINUTE, minute_left: 3 } };
const denied: Admission = { identity, admitted: false, usage: FULL_MINUTE };
const revoked: Admission = { identity, admitted: false, usage: undefined };

const key = (name: string): PresentedCredential => ({ kind: 'key', hash: Buffer.from(name) });

/** An authenticator on a store that returns `answer()` for each credential, and the number of statements so far. */
function authenticatorOn(answer: () => Admission | undefined) {
  let statements = 0;
  const authenticator = new Authenticator({
    admit: async (presented) => {
      statements += 1;
      return presented.map(answer);
    },
    admitItems: async () => true,
  });
  return { authenticator, statements: () => statements };
}

test('concurrent requests are admitted by one statement', async () => {
  const { authenticator, statements } = authenticatorOn(() => admitted);
  await Promise.all(['a', 'b', 'c'].map((name) => authenticator.admit(key(name))));
  assert.equal(statements(), 1);
});

test('an admission is never remembered: each request is counted', async () => {
  const { authenticator, statements } = authenticatorOn(() => admitted);
  await authenticator.admit(key('a'));
  await authenticator.admit(key('a'));
  assert.equal(statements(), 2);
});

test('a denial by a limit is remembered until the window ends, with the time that is left', async () => {
  const { authenticator, statements } = authenticatorOn(() => denied);
  await authenticator.admit(key('a'));
  const again = await authenticator.admit(key('a'));
  assert.equal(statements(), 1);
  assert.equal(again?.admitted, false);
  assert.ok((again?.usage?.minute_ends_ms ?? 60_000) < 60_000, 'less of the window is left');
});

test('a denial is forgotten when its window has ended', async () => {
  const { authenticator, statements } = authenticatorOn(() => {
    return { ...denied, usage: { ...FULL_MINUTE, minute_ends_ms: 0 } };
  });
  await authenticator.admit(key('a'));
  await authenticator.admit(key('a'));
  assert.equal(statements(), 2);
});

test('an exhausted daily quota is remembered until the end of the day, not of the minute', async () => {
  const { authenticator, statements } = authenticatorOn(() => {
    return { ...denied, usage: { ...FULL_MINUTE, day_left: 0, minute_ends_ms: 0 } };
  });
  await authenticator.admit(key('a'));
  await authenticator.admit(key('a'));
  assert.equal(statements(), 1);
});

test('a denial belongs to one credential', async () => {
  const { authenticator, statements } = authenticatorOn(() => denied);
  await authenticator.admit(key('a'));
  await authenticator.admit(key('b'));
  assert.equal(statements(), 2);
});

test('revoked and unknown credentials are not remembered: the next request asks the database', async () => {
  for (const answer of [revoked, undefined]) {
    const { authenticator, statements } = authenticatorOn(() => answer);
    await authenticator.admit(key('a'));
    await authenticator.admit(key('a'));
    assert.equal(statements(), 2);
  }
});

test('a change of limits clears the denials', async () => {
  const { authenticator, statements } = authenticatorOn(() => denied);
  await authenticator.admit(key('a'));
  authenticator.clearDenials();
  await authenticator.admit(key('a'));
  assert.equal(statements(), 2);
});

test('a denial by a statement that ran before a change of limits is not remembered', async () => {
  let authenticator: Authenticator | undefined;
  const { authenticator: tested, statements } = authenticatorOn(() => {
    // The notification of the change arrives before the result of the statement.
    authenticator?.clearDenials();
    return denied;
  });
  authenticator = tested;
  await tested.admit(key('a'));
  await tested.admit(key('a'));
  assert.equal(statements(), 2);
});

test('without a database no request is admitted', async () => {
  const unavailable = new IhfError('unavailable', 'The database is unavailable.');
  const { authenticator } = authenticatorOn(() => {
    throw unavailable;
  });
  await assert.rejects(authenticator.admit(key('a')), unavailable);
});
