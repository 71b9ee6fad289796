import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { temporaryFolder } from '../support/database.ts';
import { waitFor } from '../support/wait.ts';

export interface LoadBalancer {
  url: string;
  stop(): Promise<void>;
}

/** Starts HAProxy in front of these ports of 127.0.0.1. It checks `/readyz` of each every 200 ms, as an operator would every second. */
export async function startLoadBalancer(ports: readonly number[]): Promise<LoadBalancer> {
  const port = await freePort();
  const servers = ports.map((each) => `  server node-${each} 127.0.0.1:${each} check inter 200ms fall 1 rise 1`);
  const file = join(temporaryFolder('ihf-haproxy-'), 'haproxy.cfg');
  writeFileSync(file, `${[...CONFIGURATION, `  bind 127.0.0.1:${port}`, ...BACKEND, ...servers].join('\n')}\n`);
  const child = spawn('haproxy', ['-db', '-f', file], { stdio: 'inherit' });
  const url = `http://127.0.0.1:${port}`;
  await waitFor(() => isServed(child, url), 'the load balancer serves');
  return {
    url,
    stop: async () => {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    },
  };
}

const CONFIGURATION = [
  'defaults',
  '  mode http',
  '  timeout connect 2s',
  '  timeout client 30s',
  '  timeout server 30s',
  '  option forwardfor',
  'frontend clients',
];

const BACKEND = [
  '  default_backend nodes',
  'backend nodes',
  '  balance roundrobin',
  '  option httpchk GET /readyz',
  // Another node gets a request whose connection failed before anything was sent.
  '  option redispatch 1',
  '  retries 3',
];

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('The port is unknown');
  return address.port;
}

async function isServed(child: ChildProcess, url: string): Promise<boolean> {
  if (child.exitCode !== null) throw new Error(`haproxy exited with ${child.exitCode}`);
  return fetch(`${url}/readyz`).then(
    ({ status }) => status === 200,
    () => false,
  );
}
