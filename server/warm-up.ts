import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import { OPERATIONS } from '../generated/operations.ts';

/**
 * Asks every operation once, over a socket of its own, before anybody else can: the validator compiles an operation's
 * schemas at its first request, which takes up to 100 ms. The requests break the contract wherever they could change
 * something.
 */
export async function warmUp(app: Express): Promise<void> {
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve, reject) => server.once('listening', resolve).once('error', reject));
  const { port } = server.address() as AddressInfo;
  try {
    for (const { method, path } of Object.values(OPERATIONS)) {
      const address = `http://127.0.0.1:${port}${path.replaceAll(/\{\w+\}/g, '-')}`;
      const body = method === 'get' ? {} : { body: '{"":0}', headers: { 'content-type': 'application/json' } };
      await (await fetch(address, { method: method.toUpperCase(), ...body })).arrayBuffer();
    }
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}
