// Webhooks under kill -9: events go to a hub over HTTP while the hub, a worker and Postgres are killed at random. What
// was acknowledged has to arrive; what arrives twice is counted.
// node dist/bench/webhook-kills.js [EVENTS]
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
import { as, benchCaller } from './support.ts';
import { ENVIRONMENT, sink, subscribe } from './webhook-stage.ts';

const EVENTS = Number(process.argv[2] ?? 20_000);
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
const to = await sink((number, response) => {
  received.set(number, (received.get(number) ?? 0) + 1);
  response.writeHead(204).end();
});
const { rows } = await admin.query('select hub_id from api_consumers');
await subscribe(admin, rows[0].hub_id, to.url);
await admin.end();

// Postgres has another port after each start; the others keep one address.
const front = createServer((near) => {
  const far = connect(postgres.port, '127.0.0.1');
  for (const socket of [near, far]) socket.on('error', () => {}).on('close', () => [near, far].map((s) => s.destroy()));
  near.pipe(far).pipe(near);
});
await once(front.listen(0, '127.0.0.1'), 'listening');
const url = new URL(postgres.url);
url.port = String((front.address() as AddressInfo).port);

/** A process that is started again whenever it ends. */
function kept(script: string): { child(): ChildProcess; address(): string | undefined } {
  let child: ChildProcess;
  let address: string | undefined;
  const start = () => {
    address = undefined;
    child = spawn(process.execPath, [resolve(import.meta.dirname, script)], {
      env: { ...process.env, ...ENVIRONMENT, DATABASE_URL: url.href, PORT: '0' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    child.stdout?.on('data', (data) => {
      address ??= /http:\/\/127\.0\.0\.1:\d+/.exec(String(data))?.[0];
    });
    child.once('exit', () => !isOver && setTimeout(start, 100));
  };
  start();
  return { child: () => child, address: () => address };
}

let isOver = false;
let kills = { hub: 0, worker: 0, postgres: 0 };
const hub = kept('../server/main.js');
const worker = kept('../server/worker.js');

async function killSomething(): Promise<void> {
  const victim = (['hub', 'worker', 'postgres'] as const)[Math.floor(Math.random() * 3)] ?? 'hub';
  kills = { ...kills, [victim]: kills[victim] + 1 };
  if (victim === 'hub') return void hub.child().kill('SIGKILL');
  if (victim === 'worker') return void worker.child().kill('SIGKILL');
  process.kill(Number(readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]), 'SIGKILL');
  await postgres.died;
  postgres = await startPostgres({ dataDir });
}

/** Sends the batch until the hub has acknowledged it, under one idempotency key: each event is stored once. */
async function report(from: number): Promise<void> {
  const events = Array.from({ length: BATCH }, (_, index) => {
    return { widget_id: caller.widgetId, event_type: 'clicked', properties: { number: from + index } };
  });
  const headers = { ...as(caller), 'Idempotency-Key': randomUUID() };
  for (;;) {
    const answer = await fetch(`${hub.address()}/api/v2/interaction-event-batches`, {
      ...{ method: 'POST', headers, body: JSON.stringify({ events }) },
      signal: AbortSignal.timeout(20_000),
    }).catch(() => undefined);
    const body = await answer?.json().catch(() => undefined);
    if (answer?.status === 200 && body?.accepted === BATCH) return;
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
// Whatever was killed last is not started again once all is over: one hub goes on.
if (hub.child().exitCode !== null || hub.child().signalCode !== null) kept('../server/main.js');
for (let waited = 0; received.size < EVENTS && waited < 60_000; waited += 100) await sleep(100);
const arrived = performance.now();
await sleep(2_000);
const receipts = [...received.values()].reduce((sum, count) => sum + count, 0);
console.log(`${EVENTS} events in ${((acknowledged - began) / 1000).toFixed(0)} s, kills: ${JSON.stringify(kills)}`);
console.log(`lost ${EVENTS - received.size}, duplicates ${receipts - received.size}`);
console.log(`the last one arrived ${((arrived - acknowledged) / 1000).toFixed(1)} s after the last acknowledgement`);
for (const each of [hub, worker]) each.child().kill('SIGKILL');
to.close();
front.close();
await postgres.stop();
rmSync(folder, { recursive: true, force: true });
process.exit();
