import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import http, { type IncomingHttpHeaders } from 'node:http';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { type TestServer, testServer } from '../support/server.ts';

const exec = promisify(execFile);
const FILES = [
  '/api/v2/openapi.json',
  '/api/v2/openapi.yaml',
  '/api/v2/contract/revisions/1/openapi.json',
  '/api/v2/sdk/ihf-client.ts',
  '/api/v2/sdk/ihf-client.py',
  '/api/v2/docs/',
  '/api/v2/docs/swagger-ui-bundle.js',
  '/admin/assets/content.css',
];

let server: TestServer;
before(async () => {
  server = await testServer();
});
after(() => server.close());

interface Received {
  status: number;
  headers: IncomingHttpHeaders;
  bytes: Buffer;
}

/** Unlike `fetch`, does not decode the body. */
function request(path: string, headers: Record<string, string>, method = 'GET'): Promise<Received> {
  return new Promise((resolve, reject) => {
    http
      .request(server.url + path, { method, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes: Buffer.concat(chunks) });
        });
      })
      .on('error', reject)
      .end();
  });
}

const accept = (path: string, encoding: string, method?: string) =>
  request(path, { 'Accept-Encoding': encoding }, method);

test('documents, SDKs, docs and dashboard files are compressed as the client accepts, with the same content', async () => {
  for (const path of FILES) {
    const identity = await accept(path, 'identity');
    assert.equal(identity.headers['content-encoding'], undefined, path);
    for (const [accepted, encoding, decode] of [
      ['gzip, deflate, br', 'br', brotliDecompressSync],
      ['gzip', 'gzip', gunzipSync],
      ['br;q=0, gzip', 'gzip', gunzipSync],
    ] as const) {
      const { headers, bytes } = await accept(path, accepted);
      assert.deepEqual([headers['content-encoding'], headers.vary], [encoding, 'Accept-Encoding'], path);
      assert.equal(headers['content-length'], String(bytes.length));
      assert.ok(bytes.length < identity.bytes.length / 2, path);
      assert.deepEqual(decode(bytes), identity.bytes, path);
    }
  }
});

test('each encoding has its own strong ETag, and each of them gets 304 for its own copy', async () => {
  for (const path of FILES) {
    const tags = new Set<string>();
    for (const encoding of ['identity', 'gzip', 'br']) {
      const { headers } = await accept(path, encoding);
      const etag = headers.etag ?? '';
      assert.match(etag, /^"[^"]+"$/, path);
      tags.add(etag);
      const again = await request(path, { 'Accept-Encoding': 'br, gzip', 'If-None-Match': etag });
      assert.deepEqual([again.status, again.headers.etag, again.bytes.length], [304, etag, 0], path);
      const changed = await request(path, { 'Accept-Encoding': encoding, 'If-None-Match': '"sha256:0"' });
      assert.equal(changed.status, 200, path);
    }
    assert.equal(tags.size, 3, path);
  }
});

test('HEAD returns the headers of GET in the same encoding, without the body', async () => {
  for (const path of FILES) {
    const [get, head] = [await accept(path, 'gzip'), await accept(path, 'gzip', 'HEAD')];
    const names = ['content-length', 'content-encoding', 'content-type', 'etag', 'vary', 'cache-control'] as const;
    for (const name of names) assert.equal(head.headers[name], get.headers[name], `${path}: ${name}`);
    assert.equal(head.bytes.length, 0);
  }
});

test('curl --compressed prints the same bytes as curl', async () => {
  const digest = async (...options: string[]) => {
    const url = `${server.url}/api/v2/openapi.json`;
    const { stdout } = await exec('curl', ['-sS', ...options, url], { encoding: 'buffer', maxBuffer: 2 ** 24 });
    return createHash('sha256').update(stdout).digest('hex');
  };
  assert.equal(await digest('--compressed'), await digest());
});

test('packages and small files are not compressed', async () => {
  for (const path of ['/api/v2/sdk/ihf-client.tgz', '/api/v2/docs/favicon-32x32.png', '/admin/assets/icon.svg']) {
    const { status, headers } = await accept(path, 'br, gzip');
    assert.deepEqual([status, headers['content-encoding']], [200, undefined], path);
  }
});
