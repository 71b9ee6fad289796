// Occupies connections of the server on the port of the first argument until it receives the message 'end'. At the message
// 'forms' it posts forms too, and then sends its `FloodResult`. The second argument names the connections to occupy: `half`
// (half-sent bodies), `idle` or `half,idle`; the third the number of earlier floods.
import { connect, type Socket } from 'node:net';
import { waitFor } from '../support/wait.ts';
import { send } from './send.ts';

export interface FloodResult {
  /** Number of connections that are open. */
  occupied: number;
  /** Number of responses by status. */
  joins: Record<number, number>;
  signIns: Record<number, number>;
}

/** Number of forms that are posted at a time. */
const PARALLEL_FORMS = 10;

const HOST = '127.0.0.1';
const port = Number(process.argv[2]);

/** Opens connections from an IP address, sends these bytes on each, and replaces those that the server closes. */
function occupy(ip: string, count: number, bytes: string): { open(): number; stop(): void } {
  const sockets = new Set<Socket>();
  let isStopped = false;
  const add = () => {
    if (isStopped) return;
    const socket = connect({ host: HOST, port, localAddress: ip });
    sockets.add(socket);
    socket.on('connect', () => socket.write(bytes));
    socket.on('error', () => {});
    socket.on('close', () => {
      sockets.delete(socket);
      // Spread over a second: a flood of connection attempts would measure the kernel.
      setTimeout(add, Math.random() * 1_000);
    });
  };
  for (let index = 0; index < count; index++) add();
  return {
    open: () => [...sockets].filter(({ readyState }) => readyState === 'open').length,
    stop: () => {
      isStopped = true;
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Posts a form of the dashboard that many times; returns the number of responses by status. */
async function postForm(ip: string, count: number, path: string, fields: Record<string, string>) {
  const page = await send({ ip, port }, 'GET', '/admin/sign-in', {});
  const cookie = String(page.headers['set-cookie']).split(';', 1)[0];
  const token = /name="token" value="([^"]+)"/.exec(page.body)?.[1] ?? '';
  const headers = {
    ...{ Origin: `http://${HOST}:${port}`, Cookie: cookie },
    'Content-Type': 'application/x-www-form-urlencoded',
  };
  const form = new URLSearchParams({ ...fields, token }).toString();
  const statuses: Record<number, number> = {};
  let posted = 0;
  const post = async () => {
    posted += 1;
    const { status } = await send({ ip, port }, 'POST', path, headers, form);
    statuses[status] = (statuses[status] ?? 0) + 1;
  };
  const work = async () => {
    while (posted < count) await post();
  };
  await Promise.all(Array.from({ length: PARALLEL_FORMS }, work));
  return statuses;
}

const HALF = 'POST /api/v2/token HTTP/1.1\r\nHost: server\r\nContent-Length: 10\r\n\r\nx';
const OCCUPATIONS: Record<string, () => ReturnType<typeof occupy>[]> = {
  half: () => [occupy('127.0.0.2', 1_000, HALF)],
  idle: () => [occupy('127.0.0.3', 1_000, ''), occupy('127.0.0.4', 1_000, '')],
};
const floods = (process.argv[3] ?? '').split(',').flatMap((kind) => OCCUPATIONS[kind]?.() ?? []);
const occupied = () => floods.reduce((sum, flood) => sum + flood.open(), 0);
await waitFor(() => occupied() >= floods.length * 950, 'the connections are open');
const password = 'a wrong but long password';
let rounds = 20 * Number(process.argv[4]);
/** Forms have new IP addresses each time: those of earlier ones have reached their limits. */
const postForms = () => {
  rounds += 1;
  return Promise.all([
    postForm(`127.0.5.${rounds}`, 200, '/admin/join', { link: 'bogus', password, confirmation: password }),
    postForm(`127.0.6.${rounds}`, 200, '/admin/sign-in', { name: 'admin', password }),
  ]);
};
process.on('message', async (message: 'forms' | 'end') => {
  if (message === 'end') process.exit(0);
  const [joins, signIns] = await postForms();
  const result: FloodResult = { occupied: occupied(), joins, signIns };
  process.send?.(result);
});
// The test has failed.
process.on('disconnect', () => process.exit(1));
process.send?.('begun');
