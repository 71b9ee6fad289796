import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface DatabaseProxy {
  /** The database URL with the host and port of this proxy. */
  url: string;
  /** Closes every connection and stops listening. */
  disconnect(): Promise<void>;
  /** Accepts connections again. */
  restore(): Promise<void>;
  /** Closes every connection, and each new one at once, until `restore`. Returns a function that counts the new ones. */
  rejectConnections(): () => number;
  close(): Promise<void>;
}

/** Starts a TCP proxy to a database, so that a test can make the database unreachable without stopping it. */
export async function startDatabaseProxy(databaseUrl: string): Promise<DatabaseProxy> {
  const url = new URL(databaseUrl);
  const target = { host: url.hostname, port: Number(url.port) };
  const sockets = new Set<Socket>();
  let rejected: number | undefined;
  const server = createServer((client) => {
    if (rejected !== undefined) {
      rejected += 1;
      client.destroy();
      return;
    }
    const upstream = connect(target);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream).pipe(client);
  });
  const listen = async (port: number) => {
    await once(server.listen(port, '127.0.0.1'), 'listening');
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;
  url.host = `127.0.0.1:${port}`;
  const disconnect = async () => {
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  const rejectConnections = () => {
    rejected = 0;
    for (const socket of sockets) socket.destroy();
    return () => rejected ?? 0;
  };
  const restore = async () => {
    rejected = undefined;
    if (!server.listening) await listen(port);
  };
  return { url: url.href, disconnect, restore, rejectConnections, close: disconnect };
}
