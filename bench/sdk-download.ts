// The time from a registry change until both SDKs are rendered, and the cost of downloading a rendered SDK.
// node dist/bench/sdk-download.js
import autocannon from 'autocannon';
import pg from 'pg';
import { benchPostgres, cpuOf, median, percentile, scaled, startServer } from './support.ts';

const CHANGES = scaled(50, 3);
const FILES = ['ihf-client.ts', 'ihf-client.py'];

const postgres = await benchPostgres();
const server = await startServer(postgres.url);
const db = new pg.Client(postgres.url);
await db.connect();

const rendered: number[] = [];
for (let change = 0; change < CHANGES; change++) {
  const name = `value_${change}`;
  await db.query('insert into event_types (name, label) values ($1, $1)', [name]);
  const committed = performance.now();
  const texts = await Promise.all(FILES.map(async (file) => (await fetch(`${server.url}/api/v2/sdk/${file}`)).text()));
  if (change > 0) rendered.push(performance.now() - committed); // the first change is a warm-up
  if (!texts.every((text) => text.includes(name))) throw new Error(`an SDK lacks ${name}`);
}
console.log(
  `registry commit to both SDKs downloaded: p50 ${median(rendered).toFixed(1)} ms, p99 ${percentile(rendered, 0.99).toFixed(1)} ms`,
);

for (const file of FILES) {
  const cpu = cpuOf(server.pid);
  const result = await autocannon({ url: `${server.url}/api/v2/sdk/${file}`, connections: 1, duration: scaled(4, 1) });
  const micros = ((cpuOf(server.pid) - cpu) * 1000) / result['2xx'];
  console.log(
    `${file}, already rendered: ${micros.toFixed(0)} µs of server CPU, p50 ${result.latency.p50} ms, ${(result.throughput.average / result.requests.average / 1024).toFixed(0)} KB`,
  );
}
await db.end();
await server.stop();
await postgres.stop();
