import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Batcher, MAX_BATCH_SIZE } from '../../server/batching/batcher.ts';

interface Run {
  items: readonly number[];
  /** Ends the run with a result per item: the item times ten. */
  succeed(): void;
  fail(error: Error): void;
}

/** A batcher whose runs end when the test says so. `started(n)` resolves when the nth run has started. */
function controlled() {
  const runs: Run[] = [];
  const events = new EventTarget();
  const batcher = new Batcher<number, number>(
    (items) =>
      new Promise((resolve, reject) => {
        runs.push({ items, succeed: () => resolve(items.map((item) => item * 10)), fail: reject });
        events.dispatchEvent(new Event('run'));
      }),
  );
  const started = async (n: number): Promise<Run> => {
    while (runs.length < n) await once(events, 'run');
    return runs[n - 1] as Run;
  };
  return { batcher, runs, started };
}

test('items of one turn of the event loop are one batch, and each caller receives its own result', async () => {
  const { batcher, runs, started } = controlled();
  const results = Promise.all([1, 2, 3].map((item) => batcher.submit(item)));
  (await started(1)).succeed();
  assert.deepEqual(await results, [10, 20, 30]);
  assert.deepEqual(
    runs.map(({ items }) => items),
    [[1, 2, 3]],
  );
});

test('items that arrive while a batch runs are the next batch, and batches never overlap', async () => {
  const { batcher, runs, started } = controlled();
  const first = batcher.submit(1);
  const run = await started(1);
  const second = batcher.submit(2);
  await nextTurn();
  const third = batcher.submit(3);
  await nextTurn();
  assert.equal(runs.length, 1, 'the second batch waits for the first');
  run.succeed();
  assert.equal(await first, 10);
  const next = await started(2);
  assert.deepEqual(next.items, [2, 3]);
  next.succeed();
  assert.deepEqual(await Promise.all([second, third]), [20, 30]);
});

test('a batch has a maximum size; the rest follows in order', async () => {
  const { batcher, started } = controlled();
  const items = Array.from({ length: MAX_BATCH_SIZE + 2 }, (_, index) => index);
  const results = Promise.all(items.map((item) => batcher.submit(item)));
  const first = await started(1);
  assert.deepEqual(first.items, items.slice(0, MAX_BATCH_SIZE));
  first.succeed();
  const second = await started(2);
  assert.deepEqual(second.items, items.slice(MAX_BATCH_SIZE));
  second.succeed();
  assert.deepEqual(
    await results,
    items.map((item) => item * 10),
  );
});

test('an error rejects every item of its batch and no other', async () => {
  const { batcher, started } = controlled();
  const failing = Promise.allSettled([batcher.submit(1), batcher.submit(2)]);
  const run = await started(1);
  const later = batcher.submit(3);
  run.fail(new Error('the statement failed'));
  for (const outcome of await failing) {
    assert.ok(outcome.status === 'rejected');
    assert.match(String(outcome.reason), /the statement failed/);
  }
  (await started(2)).succeed();
  assert.equal(await later, 30);
});
