import { IhfError } from '../../errors.ts';
import { asActor } from '../database/actor.ts';
import type { Db } from '../database/database.ts';
import { INTEGER_KEY, type Page, type PagedList, type PageRequest, readPage } from '../database/pagination.ts';
import { type RegistryName, tableOf } from './registries.ts';

export interface RegistryValue {
  name: string;
  label: string;
  description: string;
  status: 'active' | 'deprecated' | 'retired';
  replaced_by: string | null;
  sunset_at: string | null;
  created_at: string;
  updated_at: string;
}

const COLUMNS = 'name, label, description, status, replaced_by, sunset_at, created_at, updated_at';

export async function listValues(
  db: Db,
  registry: RegistryName,
  filters: PageRequest & { status?: string | undefined },
): Promise<Page<RegistryValue>> {
  const list: PagedList<RegistryValue & { id: number }> = {
    name: registry,
    select: `select id, ${COLUMNS} from ${tableOf(registry)} where true`,
    key: 'id',
    keyPattern: INTEGER_KEY,
    keyOf: (value) => value.id,
  };
  const page = await readPage(db, list, [], [['status = ?', filters.status]], filters);
  return { ...page, data: page.data.map(({ id: _, ...value }) => value) };
}

export async function findValue(db: Db, registry: RegistryName, name: string): Promise<RegistryValue | undefined> {
  const [value] = await db.query<RegistryValue>(`select ${COLUMNS} from ${tableOf(registry)} where name = $1`, [name]);
  return value;
}

export type NewValue = Pick<RegistryValue, 'name' | 'label'> & { description?: string | undefined };

/**
 * Adds a value and commits the next contract revision.
 * @throws IhfError already_exists if the name exists, in any state: names are never reused.
 */
export async function insertValue(
  database: Db,
  registry: RegistryName,
  value: NewValue,
  actor: string,
): Promise<RegistryValue> {
  const inserted = await asActor(database, actor, (db) =>
    db.query<RegistryValue>(
      `insert into ${tableOf(registry)} (name, label, description) values ($1, $2, $3)
       on conflict (name) do nothing
       returning ${COLUMNS}`,
      [value.name, value.label, value.description ?? ''],
    ),
  );
  if (inserted[0]) return inserted[0];
  throw new IhfError(
    'already_exists',
    `${registry} has '${value.name}' already. A name is never reused: choose another.`,
  );
}

export type ValueChange = Partial<
  Pick<RegistryValue, 'label' | 'description' | 'status' | 'replaced_by' | 'sunset_at'>
>;

/**
 * Sets the fields that `change` contains; undefined if there is no such value.
 * @throws IhfError conflict if the state would go backward.
 */
export async function updateValue(
  database: Db,
  registry: RegistryName,
  name: string,
  change: ValueChange,
  actor: string,
): Promise<RegistryValue | undefined> {
  const columns = (['label', 'description', 'status', 'replaced_by', 'sunset_at'] as const).filter(
    (column) => change[column] !== undefined,
  );
  if (columns.length === 0) return findValue(database, registry, name);
  const assignments = columns.map((column, index) => `${column} = $${index + 2}`).join(', ');
  const [updated] = await asActor(database, actor, (db) =>
    db.query<RegistryValue>(`update ${tableOf(registry)} set ${assignments} where name = $1 returning ${COLUMNS}`, [
      name,
      ...columns.map((column) => change[column]),
    ]),
  );
  return updated;
}
