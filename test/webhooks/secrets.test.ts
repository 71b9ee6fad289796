import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parseRetryAfter, retryDelay } from '../../server/webhooks/schedule.ts';
import { SecretBox, SecretDecryptionError } from '../../server/webhooks/secret-box.ts';
import { readSecretKey } from '../../server/webhooks/secret-key.ts';

const folder = mkdtempSync(join(tmpdir(), 'ihf-secrets-'));
after(() => rmSync(folder, { recursive: true }));

test('sealed keys open again under the same key and owner, and under no other', () => {
  const box = new SecretBox(randomBytes(32));
  const keys = { secret: 'whsec_x', privateKey: 'whsk_y' };
  const sealed = box.seal(keys, 'one');
  assert.deepEqual(box.open(sealed, 'one'), keys);
  assert.ok(!sealed.includes('whsec_'));
  assert.notDeepEqual(box.seal(keys, 'one'), sealed);
  assert.throws(() => box.open(sealed, 'two'), SecretDecryptionError);
  assert.throws(() => new SecretBox(randomBytes(32)).open(sealed, 'one'), /IHF_SECRET_KEY/);
  const changed = Buffer.from(sealed);
  changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
  assert.throws(() => box.open(changed, 'one'), SecretDecryptionError);
});

test('a hub with its own Postgres makes a key once, that its user alone can read', () => {
  const source = { secretKey: undefined, databaseUrl: undefined, dataDir: join(folder, 'data') };
  const key = readSecretKey(source);
  const file = join(folder, 'data', 'secret.key');
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.deepEqual(readSecretKey(source), key);
  assert.deepEqual(Buffer.from(readFileSync(file, 'utf8'), 'base64'), key);
});

test('a hub on a shared database asks for a key, and says how to make one', () => {
  const source = { secretKey: undefined, databaseUrl: 'postgres://db/ihf', dataDir: folder };
  assert.throws(() => readSecretKey(source), /IHF_SECRET_KEY must be set.*openssl rand -base64 32/);
  const secretKey = randomBytes(32).toString('base64');
  assert.equal(readSecretKey({ ...source, secretKey }).toString('base64'), secretKey);
});

test('a key of another form is refused without being repeated', () => {
  for (const secretKey of ['', 'hunter2', randomBytes(16).toString('base64'), randomBytes(32).toString('hex')]) {
    const attempt = () => readSecretKey({ secretKey, databaseUrl: undefined, dataDir: folder });
    assert.throws(
      attempt,
      (error: Error) => /openssl/.test(error.message) && !error.message.includes(secretKey || '""'),
    );
  }
});

test('retries come after 5 s to 24 h, a tenth earlier or later, eight times', () => {
  const delays = Array.from({ length: 9 }, (_, index) => retryDelay(index + 1, 0, undefined, () => 0.5));
  const hours = 3_600_000;
  assert.deepEqual(delays, [...[5_000, 30_000, 120_000, 600_000, hours, 3 * hours, 8 * hours, 24 * hours], undefined]);
  assert.equal(
    retryDelay(1, 0, undefined, () => 0),
    4_500,
  );
  assert.equal(
    retryDelay(1, 0, undefined, () => 1),
    5_500,
  );
});

test('Retry-After is a floor, up to a day', () => {
  assert.equal(
    retryDelay(1, 60, undefined, () => 0.5),
    60_000,
  );
  assert.equal(
    retryDelay(3, 60, undefined, () => 0.5),
    120_000,
  );
  assert.equal(
    retryDelay(1, 1e9, undefined, () => 0.5),
    86_400_000,
  );
  const now = Date.parse('2026-11-20T09:30:00Z');
  assert.equal(parseRetryAfter('120'), 120);
  assert.equal(parseRetryAfter('Fri, 20 Nov 2026 09:31:00 GMT', now), 60);
  for (const nothing of [undefined, '', 'soon', '-5', 'Fri, 20 Nov 2020 09:31:00 GMT']) {
    assert.equal(parseRetryAfter(nothing, now), 0, nothing);
  }
});
