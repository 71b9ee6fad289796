import assert from 'node:assert/strict';
import { test } from 'node:test';
import { credentialKind, hashCredential, newCredential } from '../../server/credentials.ts';

test('a key is ihf_live_, 43 base62 characters of 256 random bits and a 6-character checksum', () => {
  const { secret, hash, prefix } = newCredential('key');
  assert.match(secret, /^ihf_live_[0-9A-Za-z]{43}[0-9A-Za-z]{6}$/);
  assert.equal(credentialKind(secret), 'key');
  assert.deepEqual(hash, hashCredential(secret));
  assert.equal(hash.length, 32);
  assert.equal(prefix, secret.slice(0, 15));
});

test('credentials are unique and use every character of the alphabet', () => {
  const secrets = Array.from({ length: 2_000 }, () => newCredential('token').secret);
  assert.equal(new Set(secrets).size, secrets.length);
  assert.equal(new Set(secrets.join('').replaceAll('ihf_token_', '')).size, 62);
});

test('the checksum detects every single mistyped character', () => {
  const { secret } = newCredential('key');
  for (let place = 'ihf_live_'.length; place < secret.length; place++) {
    const wrong = `${secret.slice(0, place)}${secret[place] === 'a' ? 'b' : 'a'}${secret.slice(place + 1)}`;
    assert.equal(credentialKind(wrong), undefined, `character ${place}`);
  }
});

test('strings that are too short, too long, of another kind or empty are not credentials', () => {
  const { secret } = newCredential('key');
  for (const text of [
    '',
    'ihf_live_',
    secret.slice(0, -1),
    `${secret}0`,
    secret.toUpperCase(),
    secret.replace('live', 'test'),
  ]) {
    assert.equal(credentialKind(text), undefined, text);
  }
});
