import type { Server, ServerResponse } from 'node:http';
import { type Socket, Server as TcpServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Requests in flight this long after the listener has closed are cut off, in milliseconds. */
const DRAIN_MS = 8_000;
/** A connection without a request for this long is idle: a busy client sends its next request sooner. */
const IDLE_MS = 250;
const SWEEP_MS = 50;

interface Connection {
  /** The responses that have not been sent. */
  open: Set<ServerResponse>;
  idleSince: number;
}

/**
 * Stops a server without losing a request. `announce` comes first, so that load balancers send nothing more; `close`
 * waits for requests, not for connections.
 */
export class GracefulStop {
  readonly #server: Server;
  readonly #connections = new Map<Socket, Connection>();
  #stopping = false;

  constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket: Socket) => {
      this.#connections.set(socket, { open: new Set(), idleSince: performance.now() });
      socket.once('close', () => this.#connections.delete(socket));
    });
    server.on('request', (request, response) => {
      const connection = this.#connections.get(request.socket);
      if (!connection) return;
      connection.open.add(response);
      if (this.#stopping) response.shouldKeepAlive = false;
      response.once('close', () => {
        connection.open.delete(response);
        connection.idleSince = performance.now();
      });
    });
  }

  /** Whether the server accepts requests only until load balancers have noticed. */
  get stopping(): boolean {
    return this.#stopping;
  }

  /** From now on, also for requests in flight, every response has `Connection: close`. */
  announce(): void {
    this.#stopping = true;
    for (const { open } of this.#connections.values()) {
      for (const response of open) if (!response.headersSent) response.shouldKeepAlive = false;
    }
  }

  /** Closes the listener, waits for the requests in flight and closes all connections. Takes at most 8 s. */
  async close(): Promise<void> {
    this.announce();
    const server = this.#server;
    const deadline = performance.now() + DRAIN_MS;
    // Right after all waiting connections were accepted: closing the listener resets those that were not.
    await new Promise((resolve) => setImmediate(resolve));
    // `close` of an HTTP server would also close each connection that is between two requests of a busy client.
    TcpServer.prototype.close.call(server);
    while (this.#connections.size > 0 && performance.now() < deadline) {
      for (const [socket, { open, idleSince }] of this.#connections) {
        if (open.size === 0 && performance.now() - idleSince > IDLE_MS) socket.destroy();
      }
      await sleep(SWEEP_MS);
    }
    server.closeAllConnections();
    // Ends the timers of the HTTP server.
    server.close();
  }
}
