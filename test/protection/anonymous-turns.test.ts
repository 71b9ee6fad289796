import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, test } from 'node:test';
import { AnonymousTurns } from '../../server/http/anonymous-turns.ts';
import { contextOf } from '../../server/http/request-context.ts';
import { waitFor } from '../support/wait.ts';

/** The path of each request that has begun, in order. It ends when the test ends its response. */
let begun: string[];
let closed: string[];
let responses: Map<string, ServerResponse>;
let received: number;
let url: string;
let server: ReturnType<typeof createServer>;

// The first segment of a path names the IP address, and `caller` stands for a request with a credential.
async function start(turnMs = 60_000): Promise<void> {
  begun = [];
  closed = [];
  responses = new Map();
  received = 0;
  const app = new AnonymousTurns(turnMs).wrap((request, response) => {
    const path = String(request.url);
    begun.push(path);
    responses.set(path, response);
    if (path.endsWith('/fast')) response.end();
  });
  server = createServer((request, response) => {
    const network = String(request.url).split('/')[1] as string;
    const context = contextOf(response);
    context.isAnonymous = network !== 'caller';
    context.source = { ipAddress: network, network, host: undefined, publicUrl: '', calledUrl: '' };
    received += 1;
    response.on('close', () => closed.push(String(request.url)));
    app(request, response);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** Sends requests, each after the one before has arrived. */
async function send(...paths: string[]): Promise<void> {
  for (const path of paths) {
    const expected = received + 1;
    fetch(url + path).catch(() => {});
    await waitFor(() => received === expected, `${path} has arrived`);
  }
}

test('requests without a credential of one IP address are processed one after the other; a caller does not wait', async () => {
  await start();
  await send('/a/1', '/a/2', '/caller/1', '/b/1');
  assert.deepEqual(begun, ['/a/1', '/caller/1', '/b/1']);
  responses.get('/a/1')?.end();
  await waitFor(() => begun.includes('/a/2'), 'the second request begins');
});

test('at most four are processed at a time, in turns of their IP addresses', async () => {
  await start();
  await send('/a/1', '/b/1', '/c/1', '/d/1', '/a/fast', '/a/3', '/e/fast', '/caller/1');
  assert.deepEqual(begun, ['/a/1', '/b/1', '/c/1', '/d/1', '/caller/1']);
  responses.get('/d/1')?.end();
  await waitFor(() => begun.includes('/e/fast'), 'the turn of the fifth IP address');
  responses.get('/a/1')?.end();
  await waitFor(() => begun.includes('/a/3'), 'the last one');
  assert.deepEqual(begun.slice(5), ['/e/fast', '/a/fast', '/a/3']);
});

test('a request that only waits, such as one for a password hash, does not delay the next one for long', async () => {
  await start(1);
  await send('/a/1', '/a/2');
  await waitFor(() => begun.includes('/a/2'), 'the second request begins although the first one has no response');
});

test('the request of a client that has disconnected is not processed', async () => {
  await start();
  await send('/a/1');
  const controller = new AbortController();
  fetch(`${url}/a/2`, { signal: controller.signal }).catch(() => {});
  await waitFor(() => received === 2, 'it has arrived');
  controller.abort();
  await send('/a/3');
  await waitFor(() => closed.includes('/a/2'), 'its connection is closed');
  responses.get('/a/1')?.end();
  await waitFor(() => begun.includes('/a/3'), 'the third request begins');
  assert.deepEqual(begun, ['/a/1', '/a/3']);
});
