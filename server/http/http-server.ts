import { createServer, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ConnectionLimitOptions, limitConnections } from './http-server/connection-limit.ts';
import { type SlowBodyLimits, watchBodies } from './http-server/slow-bodies.ts';
import { endWithProblem } from './problem-response.ts';

/** In milliseconds. */
export interface ServerTimeouts extends SlowBodyLimits {
  /** For the headers of a request. */
  headersTimeout: number;
  /** For a whole request. */
  requestTimeout: number;
  /** Until the next request on a connection. Longer than the 60 s of most proxies, so that the proxy closes it first. */
  keepAliveTimeout: number;
}

const TIMEOUTS: ServerTimeouts = {
  headersTimeout: 10_000,
  requestTimeout: 60_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 1_000,
  bodyGrace: 5_000,
  // The largest body takes as long as the whole request may.
  minBodyRate: 70_000,
};
/** For a connection without any traffic, such as that of a client that does not read its response. */
const IDLE_TIMEOUT_MS = 90_000;

/** The status of each error code of the HTTP parser; 400 for all others. */
const STATUSES: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  HPE_HEADER_OVERFLOW: 431,
};

export interface HttpServerOptions extends ConnectionLimitOptions {
  /** Receives the status of each response to a request that never arrived whole, or is not HTTP: no step sends those. */
  onMalformed(status: number): void;
  timeouts?: ServerTimeouts;
}

/** A server with a limit on every wait and on connections. */
export function createHttpServer({ onMalformed, timeouts = TIMEOUTS, ...limits }: HttpServerOptions): Server {
  const server = createServer(timeouts);
  limitConnections(server, limits);
  watchBodies(server, timeouts, ({ socket }, response) => {
    if (response.headersSent) return void socket.destroy();
    onMalformed(408);
    endWithProblem(socket, 408);
  });
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
