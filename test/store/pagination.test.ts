import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Db } from '../../server/store/database/database.ts';
import { type PagedList, readPage } from '../../server/store/database/pagination.ts';

interface Row {
  id: number;
  text: string;
}

const LIST: PagedList<Row> = {
  ...{ name: 'rows', select: 'select * from rows where true', key: 'id', keyPattern: /^\d+$/ },
  keyOf: ({ id }) => id,
};

/** A database with rows of this size, newest first. */
function databaseOf(ids: number[], size: number): Db {
  return {
    query: async (_text: string, values: readonly unknown[] = []) => {
      const limit = values.at(-1) as number;
      const below = values.length > 1 ? Number(values[0]) : Number.POSITIVE_INFINITY;
      return ids
        .filter((id) => id < below)
        .slice(0, limit)
        .map((id) => ({ id, text: 'x'.repeat(size) }));
    },
  } as unknown as Db;
}

test('a page of large rows ends at 4 MB, and its cursor leads to the rest', async () => {
  const ids = Array.from({ length: 150 }, (_, index) => 150 - index);
  const seen: number[] = [];
  let cursor: string | undefined;
  do {
    const page = await readPage(databaseOf(ids, 64 * 1024), LIST, [], [], { limit: 100, cursor });
    const bytes = Buffer.byteLength(JSON.stringify(page.data));
    assert.ok(bytes <= 4 * 1024 * 1024 + 1024, `${bytes} bytes`);
    seen.push(...page.data.map(({ id }) => id));
    cursor = page.next_cursor ?? undefined;
  } while (cursor);
  assert.deepEqual(seen, ids);
});
