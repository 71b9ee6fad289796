import type { IncomingMessage, ServerResponse } from 'node:http';

/** How much of an unread body is discarded before the connection is cut: far more than a client should send. */
const MAX_DISCARDED_BYTES = 64 * 1024 * 1024;

/**
 * Call it before responding to a request whose body may still be arriving (nginx: `lingering_close`). The response is
 * sent at once, and the connection is closed only after the client has sent the whole body. Closing it earlier resets
 * it, and the client loses the response (RFC 9112, section 9.6). The server's `requestTimeout` limits the time.
 */
export function lingeringClose(request: IncomingMessage, response: ServerResponse): void {
  if (request.complete || request.destroyed) return;
  const { socket } = request;
  const closes = !response.shouldKeepAlive;
  response.shouldKeepAlive = true;
  let left = MAX_DISCARDED_BYTES;
  request.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) socket.destroy();
  });
  const end = () => void socket.end();
  if (closes) request.once('end', () => (response.writableFinished ? end() : response.once('close', end)));
  request.resume();
}
