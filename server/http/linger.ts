import type { IncomingMessage, ServerResponse } from 'node:http';

/** What is read of a body that nobody wants before the connection is cut: far more than any client should send. */
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * Call it before answering a request whose body may still be coming: the answer goes out at once, and the connection
 * ends when the client has sent all. One that is closed under a sending client is reset, and the client loses the
 * answer that told it why (RFC 9112, section 9.6). How long a body may take is the server's `requestTimeout`.
 */
export function lingeringClose(request: IncomingMessage, response: ServerResponse): void {
  if (request.complete || request.destroyed) return;
  const { socket } = request;
  const closes = !response.shouldKeepAlive;
  response.shouldKeepAlive = true;
  let left = MOST_BYTES;
  request.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) socket.destroy();
  });
  const end = () => void socket.end();
  if (closes) request.once('end', () => (response.writableFinished ? end() : response.once('close', end)));
  request.resume();
}
