import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { MAX_READ_BYTES, Sender } from '../../server/webhooks/sender.ts';
import { SsrfGuard } from '../../server/webhooks/ssrf-guard.ts';

const LOOPBACK = ['127.0.0.0/8'];
const servers: ReturnType<typeof createServer>[] = [];
const senders: Sender[] = [];
after(async () => {
  for (const sender of senders) await sender.close();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

async function endpoint(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
}

function senderTo(allowed: string[], timeoutMs = 5_000, guard = new SsrfGuard(allowed)): Sender {
  const sender = new Sender(guard, timeoutMs);
  senders.push(sender);
  return sender;
}

test('a request arrives unchanged, and 2xx is a success', async () => {
  let seen = {};
  const url = await endpoint(async (request, response) => {
    const body = (await request.setEncoding('utf8').toArray()).join('');
    seen = { method: request.method, id: request.headers['webhook-id'], type: request.headers['content-type'], body };
    response.writeHead(204).end();
  });
  const sent = await senderTo(LOOPBACK).post(url, { 'webhook-id': 'm1' }, '{"a":"ü"}');
  assert.deepEqual([sent.status, sent.error], [204, undefined]);
  assert.deepEqual(seen, { method: 'POST', id: 'm1', type: 'application/json', body: '{"a":"ü"}' });
});

test('a redirect is a failure and is not followed', async () => {
  let followed = false;
  const target = await endpoint((_, response) => {
    followed = true;
    response.end();
  });
  const url = await endpoint((_, response) => response.writeHead(307, { location: target }).end());
  const sent = await senderTo(LOOPBACK).post(url, {}, '{}');
  assert.equal(sent.status, 307);
  assert.match(sent.error ?? '', /Redirects are not followed \(307\)/);
  assert.equal(followed, false);
});

test('at most 16 KiB of a response are read, and 1 KiB is stored', async () => {
  let written = 0;
  const url = await endpoint((_, response) => {
    const more = () => {
      while (!response.destroyed && response.write('x'.repeat(4096))) written += 4096;
    };
    response.on('drain', more).writeHead(200);
    more();
  });
  const sent = await senderTo(LOOPBACK).post(url, {}, '{}');
  assert.deepEqual([sent.status, sent.error, sent.response.length], [200, undefined, 1024]);
  // More than was read, because of the buffers of both ends.
  assert.ok(written < MAX_READ_BYTES + 16 * 1024 * 1024);
});

for (const [what, listener] of [
  ['the first byte', () => {}],
  [
    'the last byte',
    (_: unknown, response: import('node:http').ServerResponse) => void response.writeHead(200).write('a'),
  ],
] as const) {
  test(`an endpoint that never sends ${what} fails at the timeout`, async () => {
    const sent = await senderTo(LOOPBACK, 200).post(await endpoint(listener as RequestListener), {}, '{}');
    assert.match(sent.error ?? '', /no complete response within 200 ms/);
  });
}

test('a slow stream of bytes does not extend the timeout', async () => {
  const url = await endpoint((_, response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write('.'), 20);
    response.on('close', () => clearInterval(timer));
  });
  const sent = await senderTo(LOOPBACK, 300).post(url, {}, '{}');
  assert.match(sent.error ?? '', /no complete response/);
});

test('loopback receives nothing unless it is allowed, by IP address or by name', async () => {
  let reached = false;
  const url = await endpoint((_, response) => {
    reached = true;
    response.end();
  });
  const { port } = new URL(url);
  const named = new SsrfGuard([], async () => [{ address: '127.0.0.1', family: 4 }]);
  for (const host of ['127.0.0.1', '2130706433', '0x7f.1', '[::ffff:127.0.0.1]', 'localhost']) {
    const sent = await senderTo([], 1_000).post(`http://${host}:${port}/`, {}, '{}');
    assert.match(sent.error ?? '', /not a public IP address/, host);
  }
  const sent = await senderTo([], 1_000, named).post(`http://rebound.example:${port}/`, {}, '{}');
  assert.match(sent.error ?? '', /not a public IP address/);
  assert.equal(reached, false);
});

test('a name that resolves differently between check and connection is blocked at the connection', async () => {
  let reached = false;
  const { port } = new URL(
    await endpoint((_, response) => {
      reached = true;
      response.end();
    }),
  );
  class Blind extends SsrfGuard {
    override async resolveHost() {
      return [{ address: '127.0.0.1', family: 4 }];
    }
  }
  const sent = await senderTo([], 1_000, new Blind([])).post(`http://rebound.example:${port}/`, {}, '{}');
  assert.match(sent.error ?? '', /127\.0\.0\.1 is not a public IP address/);
  assert.equal(reached, false);
});

test('a refused connection fails with the reason', async () => {
  const sent = await senderTo(LOOPBACK).post('http://127.0.0.1:1025/', {}, '{}');
  assert.deepEqual([sent.status, sent.error], [undefined, 'The endpoint could not be reached: ECONNREFUSED.']);
});
