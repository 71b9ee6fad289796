// What the SDKs cost beside what they stand on: node dist/bench/sdk-speed.js
// IHF_PYTHON names the interpreter, with httpx for the asynchronous client.
import { execFileSync, spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { pagesOfPackage } from './sdk-package.ts';

const PYTHON = process.env.IHF_PYTHON ?? 'python3';
const SCRIPT = resolve(import.meta.dirname, '../../bench/sdk_speed.py');
const ROUNDS = 15;
/** What else runs on this machine only ever adds to what a round takes. */
const least = (values: number[]) => Math.min(...values);
const CALLS = 5_000;
const EVENT = { id: 'e', widget_id: 'w', event_type: 'clicked' };

const { folder } = await pagesOfPackage();
const { IhfClient } = await import(pathToFileURL(join(folder, 'index.js')).href);

/** Microseconds a call. */
async function cost(call: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  for (let count = 0; count < CALLS; count++) await call();
  return ((performance.now() - started) * 1000) / CALLS;
}

// Both read an answer that is there already: what is left is what the SDK adds.
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
  `TypeScript, stubbed fetch: ${rawCost.toFixed(1)} µs raw, ${sdkCost.toFixed(1)} µs by the SDK: ${(sdkCost - rawCost).toFixed(1)} µs more`,
);

const importing = `const t = performance.now(); await import('./index.js'); console.log(performance.now() - t)`;
const imports = Array.from({ length: ROUNDS }, () =>
  Number(execFileSync(process.execPath, ['--input-type=module', '-e', importing], { cwd: folder, encoding: 'utf8' })),
);
console.log(`TypeScript, import on Node ${process.versions.node}: ${least(imports).toFixed(1)} ms`);

// A real server, so that the transports do what they do.
const server = createServer((request, response) => {
  request.resume().once('end', () => response.writeHead(201).end(JSON.stringify(EVENT)));
});
await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const child = spawn(PYTHON, [SCRIPT, url], { env: { ...process.env, PYTHONPATH: folder }, stdio: 'inherit' });
process.exitCode = await new Promise<number>((done) => child.once('exit', (code) => done(code ?? 1)));
server.close();
server.closeAllConnections();
