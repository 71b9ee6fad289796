import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { newKeyPair, newSecret, signedHeaders } from '../../server/webhooks/signature.ts';

/** An interpreter with what test/requirements.txt names. */
const PYTHON = process.env.IHF_PYTHON ?? 'python3';

const VERIFY = `
import json, sys
from standardwebhooks import Webhook
given = json.load(sys.stdin)
print(json.dumps([Webhook(secret).verify(given["body"], given["headers"]) for secret in given["secrets"]]))
`;

test('the standardwebhooks Python library verifies our signatures, also during a rotation', () => {
  const keys = [newSecret(), newSecret()].map((secret) => ({ secret, ...newKeyPair() }));
  const body = '{"type":"annotation.created","data":{"body":"Grüße, 日本語, 👍"}}';
  const timestamp = Math.floor(Date.now() / 1000);
  const message = { id: 'msg-1', topic: 'annotation.created', timestamp, body };
  const headers = signedHeaders(message, keys as [(typeof keys)[0]]);
  const input = JSON.stringify({ body, headers, secrets: keys.map(({ secret }) => secret) });
  const env = { ...process.env, PYTHONUTF8: '1', PYTHONDONTWRITEBYTECODE: '1' };
  const output = execFileSync(PYTHON, ['-c', VERIFY], { input, env, encoding: 'utf8' });
  assert.deepEqual(JSON.parse(output), [JSON.parse(body), JSON.parse(body)]);
});
