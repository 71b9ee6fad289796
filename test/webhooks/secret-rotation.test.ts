import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, test } from 'node:test';
import { rotateKeys } from '../../server/store/webhooks/subscriptions.ts';
import { SecretBox } from '../../server/webhooks/secret-box.ts';
import { readSecretKeys } from '../../server/webhooks/secret-key.ts';
import { verifySecretKey } from '../../server/webhooks/secret-key-check.ts';
import { rotateSecrets } from '../../server/webhooks/secret-rotation.ts';
import { waitFor } from '../support/wait.ts';
import { type WebhookHarness, webhookHarness, webhookReceiver } from './harness.ts';

const open: { close(): unknown }[] = [];
after(async () => {
  for (const each of open.reverse()) await each.close();
});

async function newHarness(): Promise<WebhookHarness> {
  const harness = await webhookHarness();
  open.push(harness);
  return harness;
}

async function sealedKeys({ admin }: WebhookHarness): Promise<{ id: string; keys: Buffer; previous_keys: Buffer }[]> {
  return (await admin.query('select id, keys, previous_keys from webhook_subscriptions order by id')).rows;
}

test('a rotation encrypts all secrets under the new key, also the previous ones of a subscription', async () => {
  const harness = await newHarness();
  const before = new SecretBox(harness.secretKey);
  const secrets = new Map<string, string>();
  for (let number = 0; number < 5; number++) {
    const { id, secret } = await harness.subscribe('http://127.0.0.1:1/');
    secrets.set(id, secret);
  }
  const [rotatedId] = [...secrets.keys()] as [string];
  const newer = { keys: before.seal({ secret: 'whsec_newer' }, rotatedId), public_key: null };
  await rotateKeys(harness.db, harness.hubId, rotatedId, newer, 3_600);

  const key = randomBytes(32);
  assert.deepEqual(await rotateSecrets(harness.db, new SecretBox(key, harness.secretKey)), {
    rotated: 5,
    unreadable: [],
  });
  const current = new SecretBox(key);
  for (const { id, keys, previous_keys } of await sealedKeys(harness)) {
    const isRotated = id === rotatedId;
    assert.equal(current.open(keys, id).secret, isRotated ? 'whsec_newer' : secrets.get(id));
    if (isRotated) assert.equal(current.open(previous_keys, id).secret, secrets.get(id));
  }
  assert.equal((await rotateSecrets(harness.db, new SecretBox(key, harness.secretKey))).rotated, 0);
});

test('an interrupted rotation continues with the rest', async () => {
  const harness = await newHarness();
  for (let number = 0; number < 4; number++) await harness.subscribe('http://127.0.0.1:1/');
  const box = new SecretBox(randomBytes(32), harness.secretKey);
  let updates = 0;
  const breaking: typeof harness.db = {
    ...harness.db,
    query: async (text, ...rest) => {
      if (text.startsWith('update webhook_subscriptions') && ++updates > 2) throw new Error('interrupted');
      return harness.db.query(text, ...rest);
    },
  };
  await assert.rejects(rotateSecrets(breaking, box), /interrupted/);
  assert.deepEqual(await rotateSecrets(harness.db, box), { rotated: 2, unreadable: [] });
});

test('secrets that neither key decrypts are named, and the others are rotated', async () => {
  const harness = await newHarness();
  await harness.subscribe('http://127.0.0.1:1/');
  const { id } = await harness.subscribe('http://127.0.0.1:1/');
  await harness.admin.query('update webhook_subscriptions set keys = $1 where id = $2', [randomBytes(64), id]);
  const box = new SecretBox(randomBytes(32), harness.secretKey);
  assert.deepEqual(await rotateSecrets(harness.db, box), { rotated: 1, unreadable: [id] });
});

test('messages are delivered before, during and after a rotation', async () => {
  const harness = await newHarness();
  const receiver = await webhookReceiver();
  open.push(receiver);
  await harness.subscribe(receiver.url);
  const key = randomBytes(32);
  await harness.worker({ key, previousKey: harness.secretKey });
  await harness.record();
  await waitFor(() => receiver.received.length === 1, 'a message signed with a secret under the previous key');
  await rotateSecrets(harness.db, new SecretBox(key, harness.secretKey));
  await harness.record();
  await waitFor(() => receiver.received.length === 2, 'a message signed with a secret under the new key');
});

test('a start with a wrong secret key fails with the remedy, before and after a rotation', async () => {
  const harness = await newHarness();
  const [first, second] = [randomBytes(32), randomBytes(32)];
  await verifySecretKey(harness.db, new SecretBox(first));
  await verifySecretKey(harness.db, new SecretBox(first));
  const wrong = /IHF_SECRET_KEY must be the key .* IHF_SECRET_KEY_PREVIOUS .* 'ihf secrets rotate'/;
  await assert.rejects(verifySecretKey(harness.db, new SecretBox(second)), wrong);
  await verifySecretKey(harness.db, new SecretBox(second, first));
  await rotateSecrets(harness.db, new SecretBox(second, first));
  await verifySecretKey(harness.db, new SecretBox(second));
  await assert.rejects(verifySecretKey(harness.db, new SecretBox(first)), wrong);
});

test('the previous key must be valid and another one, and the error does not contain it', () => {
  const secretKey = randomBytes(32).toString('base64');
  const read = (previousSecretKey: string) =>
    readSecretKeys({ secretKey, previousSecretKey, databaseUrl: undefined, dataDir: 'unused' });
  assert.throws(
    () => read('hunter2'),
    /^Error: IHF_SECRET_KEY_PREVIOUS must be 32 bytes in base64 \(44 characters\)\./,
  );
  assert.throws(() => read(secretKey), /^Error: IHF_SECRET_KEY_PREVIOUS must differ from IHF_SECRET_KEY/);
});
