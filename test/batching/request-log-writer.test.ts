import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestLogWriter } from '../../server/batching/request-log-writer.ts';
import { IhfError } from '../../server/errors.ts';
import type { Db } from '../../server/store/database/database.ts';
import type { LoggedRequest } from '../../server/store/request-log/request-log.ts';

const ROW: LoggedRequest = {
  ...{ ended_ms: 0, method: 'GET', status: 200 },
  ...{ duration_us: 1, bytes_in: 1, bytes_out: 1, request_id: 'a', revision: 1 },
};

/** A writer on a database that returns `answer()`, with the batches that it received and the reported errors. */
function writerOn(answer: () => Promise<never[]>) {
  const batches: [number: number, rows: number][] = [];
  const query = (_: string, values: readonly unknown[] = []) => {
    batches.push([values[1] as number, JSON.parse(values[2] as string).length]);
    return answer();
  };
  const reported: unknown[] = [];
  const writer = new RequestLogWriter({ query } as unknown as Db, (error) => reported.push(error));
  return { writer, batches, reported };
}

const unavailable = () => Promise.reject(new IhfError('unavailable', 'gone'));

test('a batch with an unknown outcome is sent again with its number, before later ones', async () => {
  let isGone = true;
  const { writer, batches, reported } = writerOn(() => (isGone ? unavailable() : Promise.resolve([])));
  writer.note(ROW);
  await writer.flush();
  writer.note(ROW);
  writer.note(ROW);
  await writer.flush();
  isGone = false;
  await writer.close();
  assert.deepEqual(batches, [...[1, 1, 1].map((rows) => [1, rows]), [2, 2]]);
  assert.deepEqual([writer.written, writer.dropped, reported.length], [3, 0, 0]);
});

test('a full buffer drops and counts further rows and throws nothing', async () => {
  const { writer, reported } = writerOn(unavailable);
  for (let n = 0; n < 25_000; n++) writer.note(ROW);
  assert.deepEqual([writer.waiting, writer.dropped], [20_000, 5_000]);
  await writer.close();
  assert.deepEqual([writer.written, writer.dropped], [0, 25_000]);
  assert.match(String(reported[0]), /20000 rows .* could not be written/);
});

test('rows that the database rejects are dropped and reported, and do not block later ones', async () => {
  let rejects = true;
  const { writer, reported } = writerOn(() => (rejects ? Promise.reject(new Error('check')) : Promise.resolve([])));
  writer.note(ROW);
  await writer.flush();
  rejects = false;
  writer.note(ROW);
  await writer.close();
  assert.deepEqual([writer.written, writer.dropped, reported.length], [1, 1, 1]);
});
