import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { temporaryFolder } from '../support/database.ts';
import { typescriptPackage } from '../support/typescript-sdk.ts';
import { waitFor } from '../support/wait.ts';

const run = promisify(execFile);

interface Tracked {
  actor_id?: string;
  occurred_at?: string | Date;
}
interface Options {
  maxQueue?: number;
  maxBatch?: number;
  flushIntervalMs?: number;
  flushAt?: number;
  onDrop?: (events: Tracked[], reason: string) => void;
}
interface Sdk {
  IhfClient: new (options: object) => object;
  Reporter: new (
    client: object,
    options?: Options,
  ) => {
    queued: number;
    dropped: number;
    track(event: object): boolean;
    flush(timeoutMs?: number): Promise<boolean>;
    close(timeoutMs?: number): Promise<void>;
  };
}
interface Received {
  key: string;
  events: Tracked[];
}

const folder = temporaryFolder('ihf-reporter-');
const received: Received[] = [];
/** Returns the status of the response to a batch. */
let answer: (batch: Received) => number;
const server = createServer(async (request, response) => {
  const { events } = JSON.parse((await request.setEncoding('utf8').toArray()).join(''));
  const batch = { key: String(request.headers['idempotency-key']), events };
  received.push(batch);
  const status = answer(batch);
  const result = ({ actor_id }: Tracked, index: number) =>
    actor_id === 'wrong'
      ? { index, status: 422, problem: { title: 'No', detail: 'unknown widget' } }
      : { index, status };
  response.writeHead(status).end(JSON.stringify({ accepted: 0, rejected: 0, results: events.map(result) }));
});
let sdk: Sdk;
let baseUrl: string;

before(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  writeFileSync(join(folder, 'index.js'), typescriptPackage()['package/index.js'] as string);
  sdk = await import(pathToFileURL(join(folder, 'index.js')).href);
});
after(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  received.length = 0;
  answer = () => 200;
});

const reporter = (options?: Options, url = baseUrl) =>
  new sdk.Reporter(new sdk.IhfClient({ baseUrl: url, maxRetries: 0 }), options);
const actors = () => received.map(({ events }) => events.map(({ actor_id }) => actor_id).join(' '));

test('events are sent in order, in batches, as they were when they were tracked', async () => {
  const one = reporter({ maxBatch: 2, flushIntervalMs: 60_000 });
  const event = { actor_id: 'a' };
  for (const actor of ['a', 'b', 'c', 'd', 'e']) one.track(Object.assign(event, { actor_id: actor }));
  one.track({ actor_id: 'f', occurred_at: new Date(0) });
  assert.equal(one.queued, 6);
  assert.equal(await one.flush(), true);
  assert.deepEqual(actors(), ['a b', 'c d', 'e f']);
  assert.match(String(received[0]?.events[0]?.occurred_at), /^\d{4}-.*\.\d{3}Z$/);
  assert.equal(received[2]?.events[1]?.occurred_at, '1970-01-01T00:00:00.000Z');
  assert.deepEqual([one.queued, one.dropped], [0, 0]);
  await one.close();
});

test('events are sent without a flush: after the interval, or when enough are queued', async () => {
  const slow = reporter({ flushIntervalMs: 30 });
  slow.track({ actor_id: 'interval' });
  await waitFor(() => actors().includes('interval'), 'the interval passes');
  const full = reporter({ flushIntervalMs: 60_000, flushAt: 2 });
  full.track({ actor_id: 'one' });
  full.track({ actor_id: 'two' });
  await waitFor(() => actors().includes('one two'), 'two events are queued');
});

test('a batch that failed is sent again with the same key, before later events', async () => {
  const statuses = [503, 200];
  answer = () => statuses.shift() ?? 200;
  const one = reporter({ flushIntervalMs: 10 });
  one.track({ actor_id: 'a' });
  await waitFor(() => received.length === 1, 'the first attempt');
  one.track({ actor_id: 'b' });
  assert.equal(await one.flush(), true);
  assert.deepEqual(actors(), ['a', 'a', 'b']);
  const [first, again, next] = received.map(({ key }) => key);
  assert.equal(again, first);
  assert.notEqual(next, first);
  assert.equal(one.dropped, 0);
});

test('dropped events are counted and reported, with the reason', async () => {
  const drops: [string[], string][] = [];
  const onDrop = (events: Tracked[], reason: string) =>
    drops.push([events.map((event) => event.actor_id ?? ''), reason]);
  const small = reporter({ maxQueue: 1, flushIntervalMs: 60_000, onDrop });
  assert.deepEqual([small.track({ actor_id: 'a' }), small.track({ actor_id: 'b' })], [true, false]);
  await small.close();
  assert.equal(small.track({ actor_id: 'c' }), false);
  assert.equal(small.dropped, 2);
  const rejected = reporter({ onDrop });
  for (const actor_id of ['right', 'wrong']) rejected.track({ actor_id });
  await rejected.flush();
  answer = () => 403;
  rejected.track({ actor_id: 'forbidden' });
  await rejected.flush();
  assert.equal(rejected.dropped, 2);
  assert.deepEqual(
    drops.map(([events, reason]) => [events, reason.replace(/ \(403\).*/, '')]),
    [
      [['b'], 'the queue is full'],
      [['c'], 'the reporter is closed'],
      [['wrong'], 'rejected: unknown widget'],
      [['forbidden'], 'items from index 0 on were not confirmed: Forbidden'],
    ],
  );
});

test('closing ends in time when the server cannot be reached, and reports what was not sent', async () => {
  const drops: string[] = [];
  const one = reporter({ onDrop: (_, reason) => drops.push(reason) }, 'http://127.0.0.1:1');
  one.track({ actor_id: 'a' });
  assert.equal(await one.flush(20), false);
  assert.equal(one.queued, 1);
  await one.close(50);
  assert.deepEqual([one.queued, one.dropped], [0, 1]);
  assert.deepEqual(drops, ['they could not be sent before the reporter was closed']);
});

test('an error in onDrop does not stop the events that follow', async (test) => {
  const log = test.mock.method(console, 'error', () => {});
  const one = reporter({
    onDrop: () => {
      throw new Error('broken hook');
    },
  });
  for (const actor_id of ['wrong', 'right']) one.track({ actor_id });
  await one.close();
  assert.deepEqual([one.dropped, log.mock.callCount()], [1, 1]);
});

test('what JSON cannot hold is thrown where it is tracked', () => {
  assert.throws(() => reporter().track({ actor_id: 1n }), TypeError);
  assert.throws(() => reporter({ maxQueue: 0 }), /RangeError: maxQueue and maxBatch must be at least 1/);
});

test('the remaining events are sent when the process has nothing left to do, and its timers do not keep it running', async () => {
  const script = `
    import { IhfClient, Reporter } from './index.js';
    const reporter = new Reporter(new IhfClient({ baseUrl: '${baseUrl}' }), { flushIntervalMs: 3_600_000 });
    reporter.track({ actor_id: 'last words' });
  `;
  await run(process.execPath, ['--input-type=module', '-e', script], { cwd: folder });
  assert.deepEqual(actors(), ['last words']);
});
