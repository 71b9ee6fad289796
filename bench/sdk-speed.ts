// The cost of a call by each SDK, compared with the same request without it.
// node dist/bench/sdk-speed.js
// IHF_PYTHON is the Python interpreter, with httpx for the asynchronous client. Smoke runs without it skip Python.
import { execFileSync, spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { renderSdks } from './sdk-package.ts';
import { scaled } from './support.ts';

const PYTHON = process.env.IHF_PYTHON ?? 'python3';
const SCRIPT = resolve(import.meta.dirname, '../../bench/sdk_speed.py');
const ROUNDS = scaled(15, 1);
/** Other load on the machine can only add to the time of a round. */
const least = (values: number[]) => Math.min(...values);
const CALLS = scaled(5_000, 50);
const EVENT = { id: 'e', widget_id: 'w', event_type: 'clicked' };

const { folder } = await renderSdks();
const { IhfClient } = await import(pathToFileURL(join(folder, 'index.js')).href);

/** Microseconds per call. */
async function cost(call: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  for (let count = 0; count < CALLS; count++) await call();
  return ((performance.now() - started) * 1000) / CALLS;
}

// Both read a response that is already there, so the difference is the cost of the SDK.
const stub = async () => new Response('{"id":"e"}', { status: 201, headers: { 'Content-Type': 'application/json' } });
const client = new IhfClient({ baseUrl: 'http://hub', apiKey: 'ihf_live_key', fetch: stub });
const raw = async () => {
  const headers = { authorization: 'Bearer ihf_live_key', 'content-type': 'application/json' };
  const send = stub as typeof fetch;
  const response = await send('http://hub/api/v2/interaction-events', {
    method: 'POST',
    headers,
    body: JSON.stringify(EVENT),
  });
  return JSON.parse(await response.text());
};
const sdk = () => client.createInteractionEvent(EVENT);
const rounds: [number, number][] = [];
for (let round = 0; round < ROUNDS; round++) rounds.push([await cost(raw), await cost(sdk)]);
const [rawCost, sdkCost] = [0, 1].map((which) => least(rounds.map((pair) => pair[which] as number))) as [
  number,
  number,
];
console.log(
  `TypeScript, stubbed fetch: ${rawCost.toFixed(1)} µs without, ${sdkCost.toFixed(1)} µs with the SDK: ${(sdkCost - rawCost).toFixed(1)} µs more`,
);

const importing = `const t = performance.now(); await import('./index.js'); console.log(performance.now() - t)`;
const imports = Array.from({ length: ROUNDS }, () =>
  Number(execFileSync(process.execPath, ['--input-type=module', '-e', importing], { cwd: folder, encoding: 'utf8' })),
);
console.log(`TypeScript, import on Node ${process.versions.node}: ${least(imports).toFixed(1)} ms`);

if (process.env.IHF_BENCH_SMOKE && !process.env.IHF_PYTHON) {
  console.log('Python: skipped, IHF_PYTHON is not set');
  process.exit();
}

// A real server, so that the transports do their work.
const server = createServer((request, response) => {
  request.resume().once('end', () => response.writeHead(201).end(JSON.stringify(EVENT)));
});
await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const environment = { ...process.env, PYTHONPATH: folder, IHF_BENCH_CALLS: String(scaled(1_000, 20)) };
const child = spawn(PYTHON, [SCRIPT, url], { env: environment, stdio: 'inherit' });
process.exitCode = await new Promise<number>((done) => child.once('exit', (code) => done(code ?? 1)));
server.close();
server.closeAllConnections();
