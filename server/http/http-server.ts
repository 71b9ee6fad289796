import { createServer, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { endWithProblem } from './problem-response.ts';

/** In milliseconds. */
export interface ServerTimeouts {
  /** For the headers of a request. */
  headersTimeout: number;
  /** For a whole request: the largest body at 70 kB/s. */
  requestTimeout: number;
  /** Until the next request on a connection. Longer than the 60 s of most proxies, so that the proxy closes it first. */
  keepAliveTimeout: number;
  /** How often the first two are checked. */
  connectionsCheckingInterval: number;
}

const TIMEOUTS: ServerTimeouts = {
  headersTimeout: 10_000,
  requestTimeout: 60_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 1_000,
};
/** For a connection without any traffic, such as that of a client that does not read its response. */
const IDLE_TIMEOUT_MS = 90_000;

/** The status of each error code of the HTTP parser; 400 for all others. */
const STATUSES: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  HPE_HEADER_OVERFLOW: 431,
};

/**
 * A server with a limit on every wait.
 * @param onMalformed receives the status of each response to bytes that are not an HTTP request: no step sees those.
 */
export function createHttpServer(onMalformed: (status: number) => void, timeouts: ServerTimeouts = TIMEOUTS): Server {
  const server = createServer(timeouts);
  server.timeout = IDLE_TIMEOUT_MS;
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    // The client has disconnected, or has its response and is being cut off.
    if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
    const status = STATUSES[error.code ?? ''] ?? 400;
    onMalformed(status);
    endWithProblem(socket, status);
  });
  return server;
}
