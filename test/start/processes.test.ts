import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { setConsumerLimits } from '../../server/store/access/consumers.ts';
import { openDatabase } from '../../server/store/database/database.ts';
import { type Caller, newCaller } from '../support/access.ts';
import { testDatabase } from '../support/database.ts';
import { type ServerProcess, startProcess, waitForExit } from '../support/server-process.ts';

const TOKEN = 'a-token-for-metrics';
const PROCESSES = 3;

let database: Awaited<ReturnType<typeof testDatabase>>;
let server: ServerProcess;
let url: string;
let caller: Caller;

before(async () => {
  database = await testDatabase();
  server = startProcess({
    ...{ DATABASE_URL: database.url, IHF_PROCESSES: String(PROCESSES), IHF_METRICS_TOKEN: TOKEN },
    IHF_SHUTDOWN_DELAY: '0',
  });
  await server.waitForOutput('Ctrl-C');
  url = String((await server.waitForLog('listening')).url);
  const db = openDatabase(database.url);
  caller = await newCaller(db);
  await db.close();
});
after(() => database.drop());

/** The processes that have logged that they listen: all but the primary process. */
const pids = (): number[] =>
  [...new Set([...server.output().matchAll(/"pid":(\d+).*"msg":"listening"/g)].map(([, pid]) => Number(pid)))].filter(
    (pid) => pid !== server.child.pid,
  );

/** A request over a connection of its own, which Node hands to the next process. */
const request = (path: string, headers: Record<string, string> = {}) =>
  fetch(url + path, { headers: { Connection: 'close', Authorization: `Bearer ${caller.key}`, ...headers } });

const scrape = async (): Promise<string> => (await request('/metrics', { Authorization: `Bearer ${TOKEN}` })).text();

test('IHF_PROCESSES starts this number of processes on one port and greets once', async () => {
  while (pids().length < PROCESSES) await sleep(20);
  assert.equal(server.output().match(/IHF Hub is running/g)?.length, 1);
  assert.equal((await request('/api/v2/me')).status, 200);
});

test('a scrape of any process returns the sum over all processes', async () => {
  const sample = (text: string) =>
    Number(/ihf_requests_total\{operation="listHubs",status="200"\} (\d+)/.exec(text)?.[1] ?? 0);
  for (let count = 0; count < 20; count++) await (await request('/api/v2/hubs')).arrayBuffer();
  for (let count = 0; count < PROCESSES; count++) assert.equal(sample(await scrape()), 20);
});

test('limits are exact over all processes', async () => {
  const db = openDatabase(database.url);
  const limited = await newCaller(db);
  await setConsumerLimits(db, limited.hubId, limited.consumerId, { rate_per_minute: 10 });
  await db.close();
  const me = async () => (await request('/api/v2/me', { Authorization: `Bearer ${limited.key}` })).status;
  const statuses = await withinOneMinute(() => Promise.all(Array.from({ length: 40 }, me)));
  assert.equal(statuses.filter((status) => status === 200).length, 10);
  assert.equal(statuses.filter((status) => status === 429).length, 30);
});

test('a process that is killed is replaced, and the others serve meanwhile', async () => {
  const [victim] = pids();
  process.kill(victim as number, 'SIGKILL');
  await waitForExit(victim as number);
  for (let count = 0; count < 10; count++) assert.equal((await request('/readyz')).status, 200);
  await server.waitForLog('a process ended and is replaced');
  while (pids().length < PROCESSES + 1) await sleep(20);
});

test('SIGTERM ends all processes with exit code 0', async () => {
  server.child.kill('SIGTERM');
  assert.equal(await server.exited, 0, server.output());
  for (const pid of pids()) await waitForExit(pid);
});

test('if no process can start, the reason is one line', async () => {
  const failing = startProcess({ DATABASE_URL: 'postgres://ihf@127.0.0.1:1/ihf', IHF_PROCESSES: '2' });
  assert.equal(await failing.exited, 1);
  assert.match(failing.output(), /^The server did not start\. [^\n]+\n$/);
  const misspelt = startProcess({ IHF_PROCESSES: 'all' });
  assert.equal(await misspelt.exited, 1);
  assert.match(
    misspelt.output(),
    /IHF_PROCESSES must be a whole number from 1 to 256, or 'auto' for one per core \(got 'all'\)/,
  );
});

/** Runs `requests` again if a window of the rate limit began meanwhile. */
async function withinOneMinute(requests: () => Promise<number[]>): Promise<number[]> {
  for (;;) {
    const minute = Math.floor(Date.now() / 60_000);
    const statuses = await requests();
    if (Math.floor(Date.now() / 60_000) === minute) return statuses;
  }
}
