import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, test } from 'node:test';
import { IhfError, invalidRequest } from '../../server/errors.ts';
import { endWithProblem, sendProblem } from '../../server/http/problem-response.ts';
import { contextOf, requiredContext } from '../../server/http/request-context.ts';

const closings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0)) await close();
});

/** Serves every request with this listener, and returns the URL. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closings.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a problem document has the request id, the issues, the extensions and the headers of the error', async () => {
  const error = new IhfError('too_many_requests', 'Limit of 2 requests per minute exceeded. Retry in 5 s.', {
    headers: { 'Retry-After': '5' },
    extensions: { 'violated-policies': ['minute'] },
  });
  const url = await serve((request, response) => {
    contextOf(response).requestId = 'req-1';
    sendProblem(request, response, error);
  });
  const response = await fetch(url);
  assert.equal(response.status, 429);
  assert.equal(response.headers.get('content-type'), 'application/problem+json');
  assert.equal(response.headers.get('retry-after'), '5');
  assert.deepEqual(await response.json(), {
    ...{ type: 'urn:ihf:problem:too-many-requests', title: 'Rate limit exceeded', status: 429 },
    ...{ detail: 'Limit of 2 requests per minute exceeded. Retry in 5 s.', request_id: 'req-1' },
    'violated-policies': ['minute'],
  });
});

test('validation issues are the errors of the document, which the context keeps for the request log', async () => {
  const issue = { pointer: '#/name', code: 'required', detail: 'name is required. Add it.' };
  let logged: unknown;
  const url = await serve((request, response) => {
    sendProblem(request, response, invalidRequest([issue]));
    logged = contextOf(response).problem;
  });
  const problem = (await (await fetch(url)).json()) as Record<string, unknown>;
  assert.deepEqual(problem.errors, [issue]);
  assert.equal(problem.detail, "The request has 1 validation issue. See 'errors'.");
  assert.deepEqual(logged, problem);
});

test('an unexpected error is 500 and reveals nothing', async () => {
  const url = await serve((request, response) => void sendProblem(request, response, new Error('password=secret')));
  const response = await fetch(url);
  assert.equal(response.status, 500);
  assert.deepEqual(await response.json(), {
    ...{ type: 'urn:ihf:problem:internal-error', title: 'Internal server error', status: 500 },
  });
});

test('a client that is still sending its body receives the problem document', async () => {
  const url = await serve((incoming, response) => {
    sendProblem(incoming, response, new IhfError('content_too_large', 'The request body exceeds 1 bytes.'));
  });
  // With 'Connection: close' Node would close the connection after the response, and thereby reset it. The body is
  // larger than the socket buffers of both sides: it can be sent only while the server reads.
  const client = request(url, { method: 'POST', headers: { Connection: 'close' } });
  const events = Promise.all([once(client, 'response') as Promise<[IncomingMessage]>, once(client, 'finish')]);
  client.end(Buffer.alloc(32 * 1024 * 1024));
  const [[response]] = await events;
  assert.equal(response.statusCode, 413);
  response.resume();
  await once(response, 'end');
});

test('bytes that are not HTTP get a problem document of their status, and the connection is closed', async () => {
  const server = createServer().on('clientError', (_error, socket) => endWithProblem(socket, 431));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closings.push(() => new Promise((resolve) => server.close(resolve)));
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').setEncoding('utf8');
  socket.write('nonsense\r\n\r\n');
  let received = '';
  for await (const text of socket) received += text;
  const [head = '', body = ''] = received.split('\r\n\r\n');
  assert.match(head, /^HTTP\/1\.1 431 Request Header Fields Too Large\r\nContent-Type: application\/problem\+json/);
  assert.match(head, new RegExp(`Content-Length: ${body.length}`));
  assert.deepEqual(JSON.parse(body), { type: 'about:blank', title: 'Request Header Fields Too Large', status: 431 });
});

test('a step that runs before the step that it depends on fails by name', async () => {
  let message = '';
  const url = await serve((_request, response) => {
    try {
      requiredContext(response, 'route');
    } catch (error) {
      message = (error as Error).message;
    }
    response.end();
  });
  await fetch(url);
  assert.equal(message, "No earlier step has set 'route' of the request context");
});
