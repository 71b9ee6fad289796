import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface HalfOpenProxy {
  /** The database URL with the host and port of this proxy. */
  url: string;
  /** From now on the current connections carry nothing, and neither side learns that the other has closed. */
  swallow(): void;
  close(): void;
}

/** A TCP proxy to a database whose connections can become half-open, as behind a firewall that forgets them. */
export async function startHalfOpenProxy(databaseUrl: string): Promise<HalfOpenProxy> {
  const url = new URL(databaseUrl);
  const target = { host: url.hostname, port: Number(url.port) };
  const pairs = new Set<[Socket, Socket]>();
  const sockets: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = connect({ ...target, allowHalfOpen: true });
    const pair: [Socket, Socket] = [client, upstream];
    pairs.add(pair);
    sockets.push(...pair);
    for (const [from, to] of [pair, [upstream, client] as const]) {
      from.on('error', () => {});
      from.on('data', (chunk) => pairs.has(pair) && to.write(chunk));
      from.on('close', () => pairs.has(pair) && to.destroy());
      from.on('end', () => pairs.has(pair) && to.end());
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: url.href,
    swallow: () => pairs.clear(),
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
