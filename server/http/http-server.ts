import { createServer, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

/** How patient the server is, in milliseconds. */
export interface ServerTimeouts {
  /** Until the headers of a request are there. */
  headersTimeout: number;
  /** Until all of it is there: the largest body, at 70 kB/s. */
  requestTimeout: number;
  /** For the next request on a connection: longer than the 60 s of most proxies, who would else meet a closed one. */
  keepAliveTimeout: number;
  /** How often the first two are looked at. */
  connectionsCheckingInterval: number;
}

const PATIENCE: ServerTimeouts = {
  headersTimeout: 10_000,
  requestTimeout: 60_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 1_000,
};
/** A connection on which nothing moves at all, such as that of a client who does not read its answer. */
const IDLE_MS = 90_000;

/** What the parser says of a request that never became one; anything else is malformed. */
const STATUSES: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  HPE_HEADER_OVERFLOW: 431,
};

/**
 * A server that waits for nobody for ever.
 * @param broken hears the status of each answer to what was no request: no pipeline sees those.
 */
export function createHttpServer(broken: (status: number) => void, patience: ServerTimeouts = PATIENCE): Server {
  const server = createServer(patience);
  server.timeout = IDLE_MS;
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    // The client has gone, or has its answer and is only cut off.
    if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
    const status = STATUSES[error.code ?? ''] ?? 400;
    broken(status);
    const title = STATUS_CODES[status] ?? '';
    const body = JSON.stringify({ type: 'about:blank', title, status });
    const head = `HTTP/1.1 ${status} ${title}\r\nContent-Type: application/problem+json\r\nContent-Length: ${body.length}`;
    socket.end(`${head}\r\nConnection: close\r\n\r\n${body}`);
  });
  return server;
}
