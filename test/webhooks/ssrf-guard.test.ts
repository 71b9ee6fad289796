import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SsrfGuard } from '../../server/webhooks/ssrf-guard.ts';
import { HOSTILE_HOSTS } from './hostile-hosts.ts';

const guard = new SsrfGuard([], async (name) => {
  const found = NAMES[name];
  if (!found) throw Object.assign(new Error('unknown'), { code: 'ENOTFOUND' });
  return found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
});

const NAMES: Record<string, string[]> = {
  'example.com': ['93.184.215.14', '2606:2800:21f:cb07:6820:80da:af6b:8b2c'],
  localhost: ['127.0.0.1'],
  'inside.example.com': ['10.1.2.3'],
  'one-of-two.example.com': ['93.184.215.14', '192.168.0.1'],
  'mapped.example.com': ['::ffff:169.254.169.254'],
  'metadata.google.internal': ['169.254.169.254'],
};

for (const host of HOSTILE_HOSTS) {
  test(`${host} is rejected with a remedy`, async () => {
    assert.match(
      (await guard.blockedReason(`https://${host}/hook`)) ?? 'nothing',
      /is not a public IP address.*IHF_WEBHOOK_ALLOW/,
    );
  });
}

for (const [address, why] of [
  ['ftp://example.com/', /scheme must be https or http \(got 'ftp'\)/],
  ['file:///etc/passwd', /got 'file'/],
  ['javascript:alert(1)', /got 'javascript'/],
  ['https://user:pass@example.com/', /user name or a password/],
  ['https://example.com/#part', /fragment/],
  ['https://example.com:22/', /Port 22/],
  ['http://example.com:25/', /Port 25/],
  ['example.com/hook', /is not a valid URL/],
  ['https://[fe80::1%25eth0]/', /is not a valid URL/],
] as const) {
  test(`${address} is rejected with the reason`, async () => {
    assert.match((await guard.blockedReason(address)) ?? 'nothing', why);
  });
}

for (const address of [
  ...['https://example.com/hook', 'http://example.com:8080/', 'https://93.184.215.14/', 'https://[2606:2800::1]:8443/'],
  ...['https://11.0.0.1/', 'https://172.32.0.1/', 'https://[2001:200::1]/', 'https://not-yet-known.example/'],
]) {
  test(`${address} is accepted`, async () => assert.equal(await guard.blockedReason(address), undefined));
}

test('networks that the operator allows are accepted, and no others', async () => {
  const allowing = new SsrfGuard(['10.1.0.0/16', 'fd00::/8']);
  for (const host of ['10.1.2.3', '[fd12::1]', '[::ffff:10.1.2.3]']) {
    assert.equal(await allowing.blockedReason(`http://${host}/`), undefined, host);
  }
  for (const host of ['10.2.0.1', '[fc00::1]', '127.0.0.1'])
    assert.ok(await allowing.blockedReason(`http://${host}/`), host);
});

test('an invalid network is named in the error', () => {
  for (const cidr of ['10.0.0.0', '10.0.0.0/33', 'inside/8', '10.0.0.0/8/8', '10.0.0.0/']) {
    assert.throws(() => new SsrfGuard([cidr]), { message: new RegExp(`^'${cidr}' is not a network`) });
  }
});
