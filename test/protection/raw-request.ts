import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';

/** Writes to a socket; resolves when the data is sent or the socket is closed. */
export const write = (socket: Socket, part: string | Buffer) =>
  new Promise<void>((done) => socket.write(part, () => done()));

/** Sends raw bytes, reads only after sending all of them, and returns everything received. */
export async function rawRequest(url: string, parts: readonly (string | Buffer)[]): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let result = '';
  let fault: NodeJS.ErrnoException | undefined;
  socket.on('error', (error) => (fault = error));
  const closed = new Promise((done) => socket.once('close', done));
  for (const part of parts) await write(socket, part);
  socket.on('data', (data) => (result += data));
  await closed;
  assert.equal(fault?.code, undefined, 'the connection was reset');
  return result;
}
