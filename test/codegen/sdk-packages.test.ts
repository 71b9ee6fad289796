import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { digestOf, liveDocument, toJson } from '../../codegen/live.ts';
import { renderPackage, SDK_PACKAGES } from '../../codegen/sdk/render.ts';
import { authored } from '../support/contract.ts';
import { REGISTRY_VALUES, templates } from '../support/typescript-sdk.ts';

const document = liveDocument(authored, REGISTRY_VALUES, 7);

for (const name of SDK_PACKAGES) {
  test(`${name} is the same bytes whenever it is made, and another revision has its own`, () => {
    const made = renderPackage(document, name, templates);
    assert.deepEqual(renderPackage(structuredClone(document), name, templates), made);
    assert.notDeepEqual(renderPackage(liveDocument(authored, REGISTRY_VALUES, 8), name, templates), made);
  });
}

test('the npm package carries the revision and the digest of the contract', () => {
  const tar = gunzipSync(renderPackage(document, 'ihf-client.tgz', templates)).toString();
  const [json = ''] = /\{\n {2}"name": "ihf-client"[\s\S]*?\n\}\n/.exec(tar) ?? [];
  const { version, ihf } = JSON.parse(json);
  assert.equal(version, '2.0.7');
  assert.deepEqual(ihf, { contractRevision: 7, contractDigest: digestOf(toJson(document)) });
});

test('the wheel lists what it holds, with the digests', () => {
  const wheel = renderPackage(document, 'ihf_client.whl', templates).toString('latin1');
  const [, digest, size] = /ihf_client\/__init__\.py,sha256=([\w-]+),(\d+)\n/.exec(wheel) ?? [];
  const start = wheel.indexOf('# @generated');
  const content = Buffer.from(wheel.slice(start, start + Number(size)), 'latin1');
  assert.equal(createHash('sha256').update(content).digest('base64url'), digest);
  assert.ok(wheel.includes(digestOf(toJson(document))));
});
