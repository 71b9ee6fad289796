import { invalidRequest } from '../../errors.ts';
import type { Db } from './database.ts';

export interface PageRequest {
  /** The maximum number of rows. */
  limit: number;
  cursor?: string | undefined;
}

export interface Page<Row> {
  data: Row[];
  next_cursor: string | null;
}

/** A list that is paged by its key, newest first. */
export interface PagedList<Row> {
  /** Identifies the list in its cursors, so that a cursor of another list is rejected. */
  name: string;
  /** `select … from … where …`, with `$1` and so on for the values that readPage is given first. */
  select: string;
  /** The column that orders the list. */
  key: string;
  /** The format of a cursor's key, which clients send back. */
  keyPattern: RegExp;
  keyOf(row: Row): string | number;
  /**
   * Conditions of which each row meets exactly one. A page of each is read, and the pages are merged: an index that has
   * what they compare before the key then serves the list with and without a filter on it.
   */
  eitherOf?: readonly string[];
}

/** A condition with `?` for its value; omitted if the value is undefined. */
export type Filter = readonly [condition: string, value: unknown];

/** A page ends here as well as at its limit: large rows must not add up to a response that exhausts the memory. */
const MAX_PAGE_BYTES = 4 * 1024 * 1024;
/** A row with 64 kB of application-defined JSON. Fewer rows than these fill a page need not be measured. */
const MAX_ROW_BYTES = 70 * 1024;

/** Reads one page in one statement. It ends at `limit` rows or 4 MB. */
export async function readPage<Row extends object>(
  db: Db,
  list: PagedList<Row>,
  fixed: readonly unknown[],
  filters: readonly Filter[],
  { limit, cursor }: PageRequest,
): Promise<Page<Row>> {
  const conditions: string[] = [];
  const values: unknown[] = [...fixed];
  const all: Filter[] = [...filters, [`${list.key} < ?`, cursor === undefined ? undefined : readCursor(list, cursor)]];
  for (const [condition, value] of all) {
    if (value === undefined) continue;
    values.push(value);
    conditions.push(` and ${condition.replace('?', `$${values.length}`)}`);
  }
  // One more row than requested shows whether there is another page.
  values.push(limit + 1);
  const order = ` order by ${list.key} desc limit $${values.length}`;
  const pages = (list.eitherOf ?? ['true']).map((one) => `(${list.select}${conditions.join('')} and ${one}${order})`);
  const text = `select * from (${pages.join(' union all ')}) as page${order}`;
  const rows = await db.query<Row>(text, values);
  const data = rows.slice(0, Math.min(limit, rowsWithinBytes(rows)));
  const last = rows.length > data.length ? data.at(-1) : undefined;
  return { data, next_cursor: last ? writeCursor(list, list.keyOf(last)) : null };
}

/** How many rows fit into a page. The first one always does. */
function rowsWithinBytes(rows: readonly object[]): number {
  if (rows.length * MAX_ROW_BYTES <= MAX_PAGE_BYTES) return rows.length;
  let bytes = 0;
  for (const [index, row] of rows.entries()) {
    bytes += Buffer.byteLength(JSON.stringify(row));
    if (bytes > MAX_PAGE_BYTES) return Math.max(1, index);
  }
  return rows.length;
}

function writeCursor(list: PagedList<never>, key: string | number): string {
  return Buffer.from(`${list.name}:${key}`).toString('base64url');
}

function readCursor(list: PagedList<never>, cursor: string): string {
  const [name, key] = Buffer.from(cursor, 'base64url').toString().split(':', 2);
  if (name === list.name && key !== undefined && list.keyPattern.test(key)) return key;
  throw invalidRequest([
    {
      parameter: 'cursor',
      code: 'invalid_cursor',
      detail: `'${cursor}' is not a cursor of this list. Send next_cursor of the previous page, or omit cursor.`,
    },
  ]);
}

export const INTEGER_KEY = /^\d{1,15}$/;
