import type { Server } from 'node:http';
import { networkOf } from '../request-source.ts';
import type { TrustProxy } from '../trust-proxy.ts';

/** An open connection costs about 20 kB: the default keeps all of them below 100 MB. */
export const DEFAULT_MAX_CONNECTIONS = 4_000;

/** The part of the connections that one IP address (an IPv6 /64 network) may have. */
const SHARE = 1 / 4;
/** Minimum time in milliseconds between two rounds of closing idle connections. */
const ROUND_MS = 1_000;

export interface ConnectionLimitOptions {
  maxConnections: number;
  /** A trusted proxy has the connections of many clients, and only the total limits it. */
  trustProxy: TrustProxy;
}

/** Closes new connections beyond the maximum, in total and per client, and idle ones when the total is reached. */
export function limitConnections(server: Server, { maxConnections, trustProxy }: ConnectionLimitOptions): void {
  const share = Math.ceil(maxConnections * SHARE);
  const open = new Map<string, number>();
  let lastRound = Number.NEGATIVE_INFINITY;
  server.maxConnections = maxConnections;
  server.on('drop', () => {
    if (performance.now() - lastRound < ROUND_MS) return;
    lastRound = performance.now();
    server.closeIdleConnections();
  });
  server.on('connection', (socket) => {
    const peer = socket.remoteAddress ?? '';
    if (trustProxy(peer, 0)) return;
    const network = networkOf(peer);
    const count = open.get(network) ?? 0;
    if (count >= share) {
      socket.destroy();
      return;
    }
    open.set(network, count + 1);
    socket.once('close', () => {
      const left = (open.get(network) ?? 1) - 1;
      if (left > 0) open.set(network, left);
      else open.delete(network);
    });
  });
}
