// Webhooks under kill -9: events are posted to a server while the server, a worker and Postgres are killed at random.
// Every acknowledged event must be delivered; duplicates are counted.
// node dist/bench/webhook-crashes.js [EVENTS]
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { startPostgres } from '../server/postgres/launcher.ts';
import { MIGRATIONS } from '../server/project-files.ts';
import { migrate } from '../server/store/database/migrate.ts';
import { benchCaller, jsonHeaders, scaled } from './support.ts';
import { SERVER_ENVIRONMENT, startReceiver, subscribe } from './webhook-harness.ts';

const EVENTS = Number(process.argv[2] ?? scaled(20_000, 50));
const BATCH = 25;
const CLIENTS = 4;

const folder = mkdtempSync(join(tmpdir(), 'ihf-kills-'));
await chmod(folder, 0o755);
const dataDir = join(folder, 'data');
let postgres = await startPostgres({ dataDir });
await migrate(postgres.url, MIGRATIONS);
const caller = await benchCaller(postgres.url);
const admin = new pg.Client(postgres.url);
await admin.connect();
await admin.query('update api_consumers set rate_per_minute = 1000000, daily_quota = 100000000');
const received = new Map<number, number>();
const to = await startReceiver((number, response) => {
  received.set(number, (received.get(number) ?? 0) + 1);
  response.writeHead(204).end();
});
const { rows } = await admin.query('select hub_id from api_consumers');
await subscribe(admin, rows[0].hub_id, to.url);
await admin.end();

// Postgres has another port after each start; this proxy keeps one URL for the other processes.
const proxy = createServer((client) => {
  const upstream = connect(postgres.port, '127.0.0.1');
  for (const socket of [client, upstream])
    socket.on('error', () => {}).on('close', () => [client, upstream].map((s) => s.destroy()));
  client.pipe(upstream).pipe(client);
});
await once(proxy.listen(0, '127.0.0.1'), 'listening');
const databaseUrl = new URL(postgres.url);
databaseUrl.port = String((proxy.address() as AddressInfo).port);

/** Starts a process and restarts it whenever it exits. */
function startRestarting(script: string): { child(): ChildProcess; url(): string | undefined } {
  let child: ChildProcess;
  let printed: string | undefined;
  const start = () => {
    printed = undefined;
    child = spawn(process.execPath, [resolve(import.meta.dirname, script)], {
      env: { ...process.env, ...SERVER_ENVIRONMENT, DATABASE_URL: databaseUrl.href, PORT: '0' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    child.stdout?.on('data', (data) => {
      printed ??= /http:\/\/127\.0\.0\.1:\d+/.exec(String(data))?.[0];
    });
    child.once('exit', () => !isOver && setTimeout(start, 100));
  };
  start();
  return { child: () => child, url: () => printed };
}

let isOver = false;
let kills = { server: 0, worker: 0, postgres: 0 };
const server = startRestarting('../server/main.js');
const worker = startRestarting('../server/worker.js');

async function killSomething(): Promise<void> {
  const victim = (['server', 'worker', 'postgres'] as const)[Math.floor(Math.random() * 3)] ?? 'server';
  kills = { ...kills, [victim]: kills[victim] + 1 };
  if (victim === 'server') return void server.child().kill('SIGKILL');
  if (victim === 'worker') return void worker.child().kill('SIGKILL');
  process.kill(Number(readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]), 'SIGKILL');
  await postgres.died;
  postgres = await startPostgres({ dataDir });
}

/** Sends a batch until it is acknowledged. It has an idempotency key, so that each event is stored once. */
async function report(from: number): Promise<void> {
  const events = Array.from({ length: BATCH }, (_, index) => {
    return { widget_id: caller.widgetId, event_type: 'clicked', properties: { number: from + index } };
  });
  const headers = { ...jsonHeaders(caller), 'Idempotency-Key': randomUUID() };
  for (;;) {
    const response = await fetch(`${server.url()}/api/v2/interaction-event-batches`, {
      ...{ method: 'POST', headers, body: JSON.stringify({ events }) },
      signal: AbortSignal.timeout(20_000),
    }).catch(() => undefined);
    const body = await response?.json().catch(() => undefined);
    if (response?.status === 200 && body?.accepted === BATCH) return;
    await sleep(100);
  }
}

const began = performance.now();
let next = 0;
const clients = Array.from({ length: CLIENTS }, async () => {
  while (next < EVENTS) {
    next += BATCH;
    await report(next - BATCH);
    await sleep(100);
  }
});
const reporting = Promise.all(clients).then(() => {
  isOver = true;
});
while (!isOver) {
  await Promise.race([sleep(1_000 + Math.random() * 2_000), reporting]);
  if (!isOver) await killSomething();
}
const acknowledged = performance.now();
// A process killed last is not restarted any more: make sure that one server runs.
if (server.child().exitCode !== null || server.child().signalCode !== null) startRestarting('../server/main.js');
for (let waited = 0; received.size < EVENTS && waited < 60_000; waited += 100) await sleep(100);
const delivered = performance.now();
await sleep(2_000);
const receipts = [...received.values()].reduce((sum, count) => sum + count, 0);
console.log(`${EVENTS} events in ${((acknowledged - began) / 1000).toFixed(0)} s, kills: ${JSON.stringify(kills)}`);
console.log(`lost ${EVENTS - received.size}, duplicates ${receipts - received.size}`);
console.log(`last delivery ${((delivered - acknowledged) / 1000).toFixed(1)} s after the last acknowledgment`);
for (const each of [server, worker]) each.child().kill('SIGKILL');
to.close();
proxy.close();
await postgres.stop();
rmSync(folder, { recursive: true, force: true });
process.exit();
