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

test('keys are decrypted with the same key and owner, and with no other', () => {
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

test('with the embedded Postgres a key is generated once, readable by its user alone', () => {
  const source = { secretKey: undefined, databaseUrl: undefined, dataDir: join(folder, 'data') };
  const key = readSecretKey(source);
  const file = join(folder, 'data', 'secret.key');
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.deepEqual(readSecretKey(source), key);
  assert.deepEqual(Buffer.from(readFileSync(file, 'utf8'), 'base64'), key);
});

test('with DATABASE_URL the error says how to generate a key', () => {
  const source = { secretKey: undefined, databaseUrl: 'postgres://db/ihf', dataDir: folder };
  assert.throws(() => readSecretKey(source), /IHF_SECRET_KEY must be set.*openssl rand -base64 32/);
  const secretKey = randomBytes(32).toString('base64');
  assert.equal(readSecretKey({ ...source, secretKey }).toString('base64'), secretKey);
});

test('an invalid key is rejected, and the error does not contain it', () => {
  for (const secretKey of ['', 'hunter2', randomBytes(16).toString('base64'), randomBytes(32).toString('hex')]) {
    const attempt = () => readSecretKey({ secretKey, databaseUrl: undefined, dataDir: folder });
    assert.throws(
      attempt,
      (error: Error) => /openssl/.test(error.message) && !error.message.includes(secretKey || '""'),
    );
  }
});

test('there are eight retries, after 5 s to 24 h, with 10 % jitter', () => {
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

test('Retry-After is the minimum delay, up to a day', () => {
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
