import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface DatabaseProxy {
  /** The address given, by way of this proxy. */
  url: string;
  /** Breaks every connection and takes no more. */
  cut(): Promise<void>;
  restore(): Promise<void>;
  /** Breaks every connection, and each new one as soon as it is made, until `restore`. Counts them. */
  slam(): () => number;
  close(): Promise<void>;
}

/** Stands between a hub and its database, which can so be gone without being stopped. */
export async function proxyTo(databaseUrl: string): Promise<DatabaseProxy> {
  const url = new URL(databaseUrl);
  const target = { host: url.hostname, port: Number(url.port) };
  const sockets = new Set<Socket>();
  let slammed: number | undefined;
  const server = createServer((near) => {
    if (slammed !== undefined) {
      slammed += 1;
      near.destroy();
      return;
    }
    const far = connect(target);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far).pipe(near);
  });
  const listen = async (port: number) => {
    await once(server.listen(port, '127.0.0.1'), 'listening');
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;
  url.host = `127.0.0.1:${port}`;
  const cut = async () => {
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  const slam = () => {
    slammed = 0;
    for (const socket of sockets) socket.destroy();
    return () => slammed ?? 0;
  };
  const restore = async () => {
    slammed = undefined;
    if (!server.listening) await listen(port);
  };
  return { url: url.href, cut, restore, slam, close: cut };
}
