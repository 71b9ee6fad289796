import { invalidRequest } from '../../errors.ts';
import type { Db } from './database.ts';

export interface PageRequest {
  /** The most rows to return. */
  limit: number;
  cursor?: string | undefined;
}

export interface Page<Row> {
  data: Row[];
  next_cursor: string | null;
}

/** A list that is paged by its key, newest first. */
export interface PagedList<Row> {
  /** Names the list in its cursors, so that a cursor of another one is refused. */
  name: string;
  /** `select … from …`, without `where`. */
  select: string;
  /** The column that orders the list. */
  key: string;
  /** What a cursor's key must look like: it comes back from outside. */
  keyPattern: RegExp;
  keyOf(row: Row): string | number;
}

/** A condition with `?` for its one value; it is left out where the value is undefined. */
export type Filter = readonly [condition: string, value: unknown];

/** Reads one page in one statement. */
export async function readPage<Row extends object>(
  db: Db,
  list: PagedList<Row>,
  filters: readonly Filter[],
  { limit, cursor }: PageRequest,
): Promise<Page<Row>> {
  const conditions: string[] = [];
  const values: unknown[] = [];
  const all: Filter[] = [...filters, [`${list.key} < ?`, cursor === undefined ? undefined : readCursor(list, cursor)]];
  for (const [condition, value] of all) {
    if (value === undefined) continue;
    values.push(value);
    conditions.push(condition.replace('?', `$${values.length}`));
  }
  // One row more than asked for tells whether there is another page.
  values.push(limit + 1);
  const where = conditions.length > 0 ? `where ${conditions.join(' and ')}` : '';
  const rows = await db.query<Row>(`${list.select} ${where} order by ${list.key} desc limit $${values.length}`, values);
  const data = rows.slice(0, limit);
  const last = rows.length > limit ? data.at(-1) : undefined;
  return { data, next_cursor: last ? writeCursor(list, list.keyOf(last)) : null };
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
      detail: `'${cursor}' is no cursor of this list. Pass next_cursor of its previous page, or leave it out.`,
    },
  ]);
}

export const INTEGER_KEY = /^\d{1,15}$/;
