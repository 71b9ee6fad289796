// What hostile bodies cost a node: CPU and memory by kind, for every operation of the contract.
// node dist/bench/abuse.js
import { readFileSync } from 'node:fs';
import { type HostileBody, hostileBodies } from '../test/support/hostile-bodies.ts';
import { benchCaller, benchPostgres, cpuOf, jsonHeaders, scaled, startServer } from './support.ts';

const MEGABYTE = 2 ** 20;
const SIZES = [64 * 1024, scaled(4 * MEGABYTE, 128 * 1024)];

const postgres = await benchPostgres();
const server = await startServer(postgres.url);
const caller = await benchCaller(postgres.url);

interface Cost {
  cpuMs: number;
  memoryBytes: number;
  responseBytes: number;
}

/** Resident memory of a process. Linux only. */
function residentBytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}

async function costOf({ method, url, bytes, encoding }: HostileBody): Promise<Cost> {
  const headers = { ...jsonHeaders(caller), ...(encoding && { 'Content-Encoding': encoding }) };
  const [cpuBefore, memoryBefore] = [cpuOf(server.pid), residentBytes(server.pid)];
  const response = await fetch(server.url + url, { method, headers, body: new Uint8Array(bytes) });
  const { byteLength } = await response.arrayBuffer();
  return {
    cpuMs: cpuOf(server.pid) - cpuBefore,
    memoryBytes: Math.max(0, residentBytes(server.pid) - memoryBefore),
    responseBytes: byteLength,
  };
}

for (const size of SIZES) {
  const worst = new Map<string, Cost & { operation: string }>();
  for (const body of hostileBodies(size)) {
    const cost = await costOf(body);
    if (cost.cpuMs >= (worst.get(body.kind)?.cpuMs ?? -1))
      worst.set(body.kind, { ...cost, operation: body.operationId });
  }
  console.log(`\nbodies of ${size / 1024} kB: the most CPU of any operation, by kind`);
  console.table(
    Object.fromEntries(
      [...worst].map(([kind, { operation, cpuMs, memoryBytes, responseBytes }]) => [
        kind,
        {
          operation,
          'CPU ms': cpuMs,
          'CPU ms per MB': Math.round((cpuMs * MEGABYTE) / size),
          'memory / size': Number((memoryBytes / size).toFixed(1)),
          'response kB': Number((responseBytes / 1024).toFixed(1)),
        },
      ]),
    ),
  );
}
await server.stop();
await postgres.stop();
