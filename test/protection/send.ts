import { type Agent, type OutgoingHttpHeaders, request } from 'node:http';

export interface Result {
  status: number;
  headers: NodeJS.Dict<string | string[]>;
  body: string;
}

/** Who sends a request to a server on loopback. */
export interface Sender {
  /** The IP address of the client: one of 127.0.0.0/8. */
  ip: string;
  port: number;
  agent?: Agent;
}

/** Sends a request from an IP address, which `fetch` cannot choose. */
export function send(
  { ip, ...to }: Sender,
  method: string,
  path: string,
  sent: OutgoingHttpHeaders,
  body = '',
): Promise<Result> {
  return new Promise<Result>((resolve, reject) => {
    const headers = { ...sent, 'Content-Length': Buffer.byteLength(body) };
    const outgoing = request({ host: '127.0.0.1', ...to, localAddress: ip, method, path, headers }, (response) => {
      let text = '';
      response.on('data', (data) => (text += data));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
    });
    outgoing.on('error', reject).end(body);
  });
}
