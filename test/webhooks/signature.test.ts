import assert from 'node:assert/strict';
import { createHmac, createPublicKey, verify } from 'node:crypto';
import { test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { newKeyPair, newSecret, signedHeaders } from '../../server/webhooks/signature.ts';

const body = '{"type":"widget.registered","data":{"name":"Grüße, 日本語, 👍"}}';
const message = () => ({ id: 'msg-1', topic: 'widget.registered', timestamp: Math.floor(Date.now() / 1000), body });

test('the standardwebhooks library verifies our signatures, and rejects any change', () => {
  const secret = newSecret();
  const headers = signedHeaders(message(), [{ secret }]);
  const webhook = new Webhook(secret);
  assert.deepEqual(webhook.verify(body, headers), JSON.parse(body));
  assert.throws(() => webhook.verify(`${body} `, headers));
  assert.throws(() => webhook.verify(body, { ...headers, 'webhook-id': 'msg-2' }));
  assert.throws(() => new Webhook(newSecret()).verify(body, headers));
});

test('during a rotation the new and the old secret verify', () => {
  const [old, fresh] = [newSecret(), newSecret()];
  const headers = signedHeaders(message(), [{ secret: fresh }, { secret: old }]);
  assert.equal(headers['webhook-signature'].split(' ').length, 2);
  for (const secret of [old, fresh]) new Webhook(secret).verify(body, headers);
});

test('the public key verifies the asymmetric signature; the symmetric one is unchanged', () => {
  const secret = newSecret();
  const { privateKey, publicKey } = newKeyPair();
  const sent = message();
  const headers = signedHeaders(sent, [{ secret, privateKey }]);
  const [, signature = ''] = /v1a,(\S+)/.exec(headers['webhook-signature']) ?? [];
  const x = Buffer.from(publicKey.slice('whpk_'.length), 'base64').toString('base64url');
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  const content = Buffer.from(`${sent.id}.${sent.timestamp}.${body}`);
  assert.ok(verify(null, content, key, Buffer.from(signature, 'base64')));
  assert.ok(!verify(null, Buffer.from(`${content}x`), key, Buffer.from(signature, 'base64')));
  new Webhook(secret).verify(body, headers);
});

test('X-IHF-Signature is the HMAC-SHA256 of the body alone', () => {
  const secret = newSecret();
  const headers = signedHeaders(message(), [{ secret }]);
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  assert.equal(headers['x-ihf-signature'], `sha256=${createHmac('sha256', key).update(body).digest('hex')}`);
  assert.equal(headers['x-ihf-event'], 'widget.registered');
});
