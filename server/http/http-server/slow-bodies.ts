import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { hasBody } from '../has-body.ts';

export interface SlowBodyLimits {
  /** The time in milliseconds in which a small body must arrive, and which a larger one has in addition. */
  bodyGrace: number;
  /** The minimum rate of a larger body in bytes per second, on average. */
  minBodyRate: number;
  /** How often bodies are checked, in milliseconds. */
  connectionsCheckingInterval: number;
}

interface Arriving {
  request: IncomingMessage;
  response: ServerResponse;
  began: number;
  /** The bytes of the connection before the body. */
  before: number;
}

/**
 * Finds requests whose body arrives too slowly.
 * @param onSlow ends the request.
 */
export function watchBodies(
  server: Server,
  { bodyGrace, minBodyRate, connectionsCheckingInterval }: SlowBodyLimits,
  onSlow: (request: IncomingMessage, response: ServerResponse) => void,
): void {
  const arriving = new Set<Arriving>();
  server.on('request', (request, response) => {
    if (!hasBody(request.headers)) return;
    const one = { request, response, began: performance.now(), before: request.socket.bytesRead };
    arriving.add(one);
    // Also after an early response: the connection stays open until the body has been received and discarded.
    request.once('close', () => arriving.delete(one));
  });
  const timer = setInterval(() => {
    const now = performance.now();
    for (const one of arriving) {
      const { request, response, began, before } = one;
      if (request.complete) {
        arriving.delete(one);
        continue;
      }
      const seconds = (now - began - bodyGrace) / 1000;
      if (seconds <= 0 || request.socket.bytesRead - before >= seconds * minBodyRate) continue;
      arriving.delete(one);
      onSlow(request, response);
    }
  }, connectionsCheckingInterval).unref();
  server.once('close', () => clearInterval(timer));
}
