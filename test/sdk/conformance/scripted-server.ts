import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cors } from '../../../server/http/cors.ts';
import type { ReceivedRequest, Scenario, ScriptedResponse } from './scenario.ts';

/** Returns once the server has received its first other request: the signal for a player to cancel a call in flight. */
const FIRST_REQUEST = '/first-request';

export interface ScriptedServer {
  url: string;
  /** By `METHOD /path`, in the order of arrival. */
  received: Record<string, ReceivedRequest[]>;
  close(): void;
}

/** A real server that returns the responses of a scenario and records the requests that it receives. */
export async function scriptedServer({ responses }: Scenario): Promise<ScriptedServer> {
  const received: Record<string, ReceivedRequest[]> = {};
  const allowOrigins = cors();
  let reportFirstRequest = () => {};
  const firstRequest = new Promise<void>((resolve) => {
    reportFirstRequest = resolve;
  });
  const respond = async (request: IncomingMessage, response: ServerResponse) => {
    const { pathname, search } = new URL(request.url ?? '', 'http://server');
    if (pathname === FIRST_REQUEST) {
      await firstRequest;
      response.end();
      return;
    }
    const route = `${request.method} ${pathname}`;
    received[route] ??= [];
    const ofRoute = received[route];
    const current = { at: performance.now(), query: search, headers: request.headers, body: '' };
    ofRoute.push(current);
    reportFirstRequest();
    const number = ofRoute.length - 1;
    current.body = await bodyOf(request);
    const script = responses[route] ?? [{ status: 418, text: `the scenario has no response for ${route}` }];
    const scripted = script[Math.min(number, script.length - 1)] as ScriptedResponse;
    setTimeout(() => play(scripted, request, response), scripted.delayMs ?? 0);
  };
  const server = createServer((request, response) => {
    // A browser resends a request that was lost on a reused connection.
    if (request.method === 'OPTIONS') response.shouldKeepAlive = false;
    allowOrigins(request, response, () => void respond(request, response));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  try {
    return (await request.setEncoding('utf8').toArray()).join('');
  } catch {
    return ''; // the client cancelled the request
  }
}

function play(
  { status = 200, headers = {}, body = {}, text, instead }: ScriptedResponse,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (instead === 'hang up') request.socket.destroy();
  else if (instead === 'half') {
    response
      .writeHead(200, { 'Content-Length': '100' })
      .write('{"half":', () => setTimeout(() => response.destroy(), 20));
  } else if (instead === 'dribble') {
    response.writeHead(200, { 'Content-Length': '1000' });
    const drops = setInterval(() => response.write(' '), 50);
    response.once('close', () => clearInterval(drops));
  } else if (instead !== 'silence') {
    for (const [name, value] of Object.entries(headers)) {
      response.setHeader(name, typeof value === 'function' ? value() : value);
    }
    response.writeHead(status).end(text ?? JSON.stringify(body));
  }
}
