import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** What a stalled connection no longer carries: the statements, the responses, or both. */
export type Direction = 'to the database' | 'from the database' | 'both directions';

export interface HalfOpenProxy {
  /** The database URL with the host and port of this proxy. */
  url: string;
  /** From now on the current connections carry nothing in this direction, and neither side learns that the other has closed. */
  swallow(direction?: Direction): void;
  /** From now on no connection carries anything, also no new one, until `restore`. */
  swallowAll(): void;
  restore(): void;
  close(): void;
}

/** A TCP proxy to a database whose connections can become half-open, as behind a firewall that forgets them. */
export async function startHalfOpenProxy(databaseUrl: string): Promise<HalfOpenProxy> {
  const url = new URL(databaseUrl);
  const target = { host: url.hostname, port: Number(url.port) };
  /** The sockets whose bytes are passed on. */
  const passing = new Set<Socket>();
  const clients = new Set<Socket>();
  const sockets: Socket[] = [];
  let isSilent = false;
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = connect({ ...target, allowHalfOpen: true });
    const pair = [client, upstream] as const;
    clients.add(client);
    sockets.push(...pair);
    if (!isSilent) for (const socket of pair) passing.add(socket);
    for (const [from, to] of [pair, [upstream, client]] as const) {
      from.on('error', () => {});
      from.on('data', (chunk) => passing.has(from) && to.write(chunk));
      from.on('close', () => passing.has(from) && to.destroy());
      from.on('end', () => passing.has(from) && to.end());
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const swallow = (direction: Direction = 'both directions') => {
    for (const socket of passing) {
      const carried = clients.has(socket) ? 'to the database' : 'from the database';
      if (direction === carried || direction === 'both directions') passing.delete(socket);
    }
  };
  return {
    url: url.href,
    swallow,
    swallowAll: () => {
      isSilent = true;
      swallow();
    },
    restore: () => {
      isSilent = false;
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
