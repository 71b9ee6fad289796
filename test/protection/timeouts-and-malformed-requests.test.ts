import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { after, before, test } from 'node:test';
import { OPERATIONS } from '../../generated/operations.ts';
import { createHttpServer } from '../../server/http/http-server.ts';
import { TRUST_NO_PROXY } from '../../server/http/trust-proxy.ts';
import { type TestServer, testServer } from '../support/server.ts';
import { startProcess } from '../support/server-process.ts';
import { rawRequest, write } from './raw-request.ts';

let server: TestServer;

before(async () => {
  server = await testServer();
});
after(() => server.close());

const MEGABYTE = Buffer.alloc(2 ** 20, 0x20);
const CRLF = Buffer.from('\r\n');

test('a body that is too large gets 413, also if the client sends all of it before it reads', async () => {
  const head = `POST /api/v2/widgets HTTP/1.1\r\nHost: server\r\nConnection: close\r\nAuthorization: Bearer ${server.caller.key}\r\nContent-Type: application/json\r\n`;
  const announced = await rawRequest(server.url, [
    `${head}Content-Length: ${12 * MEGABYTE.length}\r\n\r\n`,
    ...Array.from({ length: 12 }, () => MEGABYTE),
  ]);
  const chunked = await rawRequest(server.url, [
    `${head}Transfer-Encoding: chunked\r\n\r\n`,
    ...Array.from({ length: 12 }, () => ['100000\r\n', MEGABYTE, '\r\n']).flat(),
    '0\r\n\r\n',
  ]);
  for (const result of [announced, chunked]) {
    assert.match(result, /^HTTP\/1\.1 413 /);
    assert.match(
      result,
      new RegExp(`"detail":"The request body exceeds ${OPERATIONS.createWidget.maxBodyBytes} bytes\\.`),
    );
  }
});

test('a chunked body is rejected once it exceeds the limit, while the client is still sending', async () => {
  const { port } = new URL(server.url);
  const socket = connect(Number(port), '127.0.0.1');
  const firstData = once(socket, 'data');
  const head = `POST /api/v2/widgets HTTP/1.1\r\nHost: server\r\nAuthorization: Bearer ${server.caller.key}\r\nContent-Type: application/json\r\n`;
  await write(socket, `${head}Transfer-Encoding: chunked\r\n\r\n`);
  for (let sent = 0; sent < 5; sent++) await write(socket, Buffer.concat([Buffer.from('100000\r\n'), MEGABYTE, CRLF]));
  // The body is not complete yet.
  const [result] = await firstData;
  assert.match(String(result), /^HTTP\/1\.1 413 /);
  await write(socket, '0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: server\r\n\r\n');
  const [next] = await once(socket, 'data');
  assert.match(String(next), /^HTTP\/1\.1 200 /, 'the bytes after the body are parsed as the next request');
  socket.destroy();
});

test('an unauthenticated upload and one that is not JSON are rejected while the client is still sending', async () => {
  const body = [`Content-Length: ${3 * MEGABYTE.length}\r\n\r\n`, MEGABYTE, MEGABYTE, MEGABYTE];
  const head = 'POST /api/v2/widgets HTTP/1.1\r\nHost: server\r\nConnection: close\r\n';
  assert.match(await rawRequest(server.url, [head, ...body]), /^HTTP\/1\.1 401 /);
  const known = `${head}Authorization: Bearer ${server.caller.key}\r\nContent-Type: text/plain\r\n`;
  assert.match(await rawRequest(server.url, [known, ...body]), /^HTTP\/1\.1 415 /);
});

test('a client that does not stop sending is disconnected', async () => {
  const { port } = new URL(server.url);
  const socket = connect(Number(port), '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(`POST /api/v2/widgets HTTP/1.1\r\nHost: server\r\nContent-Length: ${1024 * MEGABYTE.length}\r\n\r\n`);
  let sent = 0;
  for (; !socket.destroyed && sent < 512; sent++) await write(socket, MEGABYTE);
  assert.ok(sent < 128, `${sent} MiB were taken`);
});

test('a client that sends its headers or body too slowly gets 408 and is disconnected', async () => {
  const timeouts = {
    headersTimeout: 400,
    requestTimeout: 800,
    keepAliveTimeout: 5_000,
    connectionsCheckingInterval: 50,
    bodyGrace: 2_000,
    minBodyRate: 1_000,
  };
  const malformedStatuses: number[] = [];
  const httpServer = createHttpServer({
    ...{ timeouts, maxConnections: 100, trustProxy: TRUST_NO_PROXY },
    onMalformed: (status) => malformedStatuses.push(status),
  });
  httpServer.on('request', (request, response) => request.resume().on('end', () => response.end('done')));
  await once(httpServer.listen(0, '127.0.0.1'), 'listening');
  const { port } = httpServer.address() as AddressInfo;
  for (const [head, patient] of [
    ['GET / HTTP/1.1\r\nHost: server\r\nX-Slow: ', 400],
    ['POST / HTTP/1.1\r\nHost: server\r\nContent-Length: 1000\r\n\r\n', 800],
  ] as const) {
    const began = performance.now();
    const socket = connect(port, '127.0.0.1');
    let result = '';
    socket.on('data', (data) => (result += data));
    socket.on('error', () => {});
    socket.write(head);
    const drops = setInterval(() => socket.writable && socket.write('x'), 20);
    await once(socket, 'close');
    clearInterval(drops);
    const took = performance.now() - began;
    assert.ok(took > patient - 100 && took < patient + 30_000, `${took} ms`);
    assert.match(result, /^HTTP\/1\.1 408 Request Timeout\r\nContent-Type: application\/problem\+json/);
    assert.match(result, /\{"type":"about:blank","title":"Request Timeout","status":408\}$/);
  }
  assert.deepEqual(malformedStatuses, [408, 408]);
  httpServer.close();
});

test('malformed HTTP is 400 and oversized headers are 431, as problem documents', async () => {
  const large = `GET /healthz HTTP/1.1\r\nHost: server\r\nX-Large: ${'x'.repeat(20_000)}\r\n\r\n`;
  for (const [sent, status] of [
    ['not HTTP at all\r\n\r\n', 400],
    [large, 431],
  ] as const) {
    const result = await rawRequest(server.url, [sent]);
    assert.match(result, new RegExp(`^HTTP/1\\.1 ${status} `));
    assert.match(result, new RegExp(`"status":${status}\\}$`));
  }
});

test('the server waits 10 s for headers and 60 s for a body, and keeps connections open longer than proxies do', () => {
  const { headersTimeout, requestTimeout, keepAliveTimeout, timeout } = server.httpServer;
  assert.deepEqual([headersTimeout, requestTimeout], [10_000, 60_000]);
  assert.ok(keepAliveTimeout > 60_000 && timeout > keepAliveTimeout);
});

test('a client that disconnects in the middle of a body leaves no error in the log', async () => {
  const node = startProcess({ DATABASE_URL: server.databaseUrl, IHF_SHUTDOWN_DELAY: '0' });
  const { url } = await node.waitForLog('listening');
  for (const path of ['/api/v2/token', '/admin/sign-in', '/api/v2/widgets']) {
    const socket = connect(Number(new URL(String(url)).port), '127.0.0.1');
    const head = `POST ${path} HTTP/1.1\r\nHost: server\r\nAuthorization: Bearer ${server.caller.key}\r\n`;
    await write(socket, `${head}Content-Type: application/json\r\nContent-Length: 10\r\n\r\n{`);
    socket.resetAndDestroy();
  }
  node.child.kill('SIGTERM');
  await node.exited;
  assert.doesNotMatch(node.output(), /"level":"error"/);
});
