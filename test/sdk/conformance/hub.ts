import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cors } from '../../../server/http/cors.ts';
import type { Answer, Scenario, SeenRequest } from './scenario.ts';

export interface ScriptedHub {
  url: string;
  /** By `METHOD /path`, in the order in which they came. */
  seen: Record<string, SeenRequest[]>;
  close(): void;
}

/** A real server that answers what a scenario says, and keeps what it was asked. */
export async function scriptedHub({ answers }: Scenario): Promise<ScriptedHub> {
  const seen: Record<string, SeenRequest[]> = {};
  const letPagesCall = cors();
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { pathname, search } = new URL(request.url ?? '', 'http://hub');
    const route = `${request.method} ${pathname}`;
    seen[route] ??= [];
    const ofRoute = seen[route];
    const seenRequest = { at: performance.now(), query: search, headers: request.headers, body: '' };
    ofRoute.push(seenRequest);
    const number = ofRoute.length - 1;
    seenRequest.body = await bodyOf(request);
    const script = answers[route] ?? [{ status: 418, text: `the scenario has no answer for ${route}` }];
    const scripted = script[Math.min(number, script.length - 1)] as Answer;
    setTimeout(() => play(scripted, request, response), scripted.delayMs ?? 0);
  };
  const server = createServer((request, response) => {
    // A browser by itself sends a request again that was lost on a connection which it had used before.
    if (request.method === 'OPTIONS') response.shouldKeepAlive = false;
    letPagesCall(request, response, () => void answer(request, response));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
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
    return ''; // the client gave up
  }
}

function play(
  { status = 200, headers = {}, body = {}, text, instead }: Answer,
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
