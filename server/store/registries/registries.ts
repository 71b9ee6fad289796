import type { Db } from '../database/database.ts';

declare const IS_REGISTRY: unique symbol;
/**
 * The name of a registry that exists: it was read from the database. Statements contain it, as the name of its table, so
 * a name from a request must become one through `findRegistry`.
 */
export type RegistryName = string & { readonly [IS_REGISTRY]: true };

/** A registry, with the number of its values in each state. */
export interface Registry {
  name: RegistryName;
  label: string;
  description: string;
  active: number;
  deprecated: number;
  retired: number;
}

/** The registry whose values are the registries: to add a value creates a registry. */
export const REGISTRIES = 'registries' as RegistryName;

/** All registries by name. `registries`, the registry of registries, is one of them. */
export function listRegistries(db: Db): Promise<Registry[]> {
  return db.query<Registry>(
    `select registries.name, registries.label, registries.description,
       count(*) filter (where value.status = 'active') as active,
       count(*) filter (where value.status = 'deprecated') as deprecated,
       count(*) filter (where value.status = 'retired') as retired
     from registries left join ihf_registry_values() as value on value.registry = registries.name
     group by registries.name order by registries.name`,
  );
}

export async function findRegistry(
  db: Db,
  name: string,
): Promise<Pick<Registry, 'name' | 'label' | 'description'> | undefined> {
  const [registry] = await db.query<Pick<Registry, 'name' | 'label' | 'description'>>(
    'select name, label, description from registries where name = $1',
    [name],
  );
  return registry;
}

/** A column that holds the values of a registry. */
export interface RegistryColumn {
  table: string;
  column: string;
  registry: RegistryName;
  /** Whether a row of the table is a use of the value by its hub, and does not only mention it, as a filter does. */
  counts_uses: boolean;
}

/** The columns of a table, or those that hold the values of a registry. */
export function listRegistryColumns(
  db: Db,
  { table, registry }: { table?: string; registry?: RegistryName },
): Promise<RegistryColumn[]> {
  return db.query<RegistryColumn>(
    `select table_name as table, column_name as column, registry, counts_uses from registry_columns
     where ($1::text is null or table_name = $1) and ($2::text is null or registry = $2)
     order by table_name, column_name`,
    [table ?? null, registry ?? null],
  );
}

/** The table of a registry, for a statement. */
export function tableOf(registry: RegistryName): string {
  return quoted(registry);
}

/** An identifier of SQL that comes from the database, never from a request. Some are reserved words. */
export function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}
