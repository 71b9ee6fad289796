import type pg from 'pg';

/** A column that holds text, as Postgres's own catalogue describes it. The table of every registry is `<registry>`. */
export interface TextColumn {
  table: string;
  column: string;
  /** The definitions of its foreign keys and of the CHECKs over this column alone, as far as Postgres enforces them. */
  constraints: string[];
}

/** The columns and the keys of a table. */
export interface TableKeys {
  table: string;
  columns: string[];
  primaryKey: string[];
  foreignKeys: { columns: string[]; references: string; referencedColumns: string[] }[];
}

/** A function of the schema. */
export interface SqlFunction {
  name: string;
  /** Without declarations. */
  body: string;
}

/** The powers and privileges of the server's role. */
export interface Role {
  /** Its attributes, the roles it is a member of and the objects it owns: all that it should not have. */
  powers: string[];
  /** What it may do, as `privilege on object`. */
  grants: string[];
}

const APP_ROLE = 'ihf_app';

// Partitions have what their table has.
const TEXT_COLUMNS = `
  select case when class.relname in (select name from registries) then '<registry>' else class.relname end as table,
    attname as column, coalesce(
    (select json_agg(pg_get_constraintdef(held.oid) order by held.oid) from pg_constraint held
     where held.conrelid = class.oid and held.convalidated
       and (held.contype = 'f' and attnum = any (held.conkey) or held.contype = 'c' and held.conkey = array[attnum])),
    '[]') as constraints
  from pg_attribute
  join pg_class class on class.oid = attrelid and class.relkind in ('r', 'p') and not class.relispartition
  join pg_type type on type.oid = atttypid
  left join pg_type element on element.oid = type.typelem and type.typcategory = 'A'
  where class.relnamespace = 'public'::regnamespace and attnum > 0 and not attisdropped
    and 'S' in (type.typcategory, element.typcategory)
  order by 1, 2`;

export async function readTextColumns(client: pg.Client): Promise<TextColumn[]> {
  return (await client.query<TextColumn>(TEXT_COLUMNS)).rows;
}

const KEYS = `
  select class.relname as table,
    array(select attname::text from pg_attribute
      where attrelid = class.oid and attnum > 0 and not attisdropped order by attnum) as columns,
    coalesce((select array_agg(attname::text order by place) from pg_constraint as key,
      unnest(key.conkey) with ordinality as part (number, place) join pg_attribute on attnum = number
      where key.conrelid = class.oid and key.contype = 'p' and attrelid = class.oid), '{}') as "primaryKey",
    coalesce((select json_agg(json_build_object('references', target.relname,
        'columns', (select json_agg(attname order by place) from unnest(key.conkey) with ordinality as part (number, place)
          join pg_attribute on attrelid = key.conrelid and attnum = number),
        'referencedColumns', (select json_agg(attname order by place)
          from unnest(key.confkey) with ordinality as part (number, place)
          join pg_attribute on attrelid = key.confrelid and attnum = number)))
      from pg_constraint as key join pg_class as target on target.oid = key.confrelid and not target.relispartition
      where key.conrelid = class.oid and key.contype = 'f'), '[]') as "foreignKeys"
  from pg_class as class
  where class.relnamespace = 'public'::regnamespace and class.relkind in ('r', 'p') and not class.relispartition
  order by 1`;

export async function readTableKeys(client: pg.Client): Promise<TableKeys[]> {
  return (await client.query<TableKeys>(KEYS)).rows;
}

const FUNCTIONS = `
  select proname as name, coalesce(nullif(prosrc, ''), pg_get_function_sqlbody(oid)) as source
  from pg_proc where pronamespace = 'public'::regnamespace order by 1`;

export async function readFunctions(client: pg.Client): Promise<SqlFunction[]> {
  const { rows } = await client.query<{ name: string; source: string }>(FUNCTIONS);
  return rows.map(({ name, source }) => ({ name, body: source.replace(/\bdeclare\b[\s\S]*?\bbegin\b/, '') }));
}

const POWERS = `
  select format('%s is set', key) as power from pg_roles, jsonb_each_text(to_jsonb(pg_roles))
    where rolname = $1 and value = 'true' and key <> 'rolinherit'
  union all
  select format('member of %s', roleid::regrole) from pg_auth_members where member = $1::regrole
  union all
  select format('owns %s', pg_describe_object(classid, objid, 0)) from pg_shdepend
    where refobjid = $1::regrole and deptype = 'o'
      and dbid = (select oid from pg_database where datname = current_database())`;

const GRANTS = `
  select format('%s on %s', privilege, class.oid::regclass) as grant from pg_class class,
    unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger']) privilege
    where class.relnamespace = 'public'::regnamespace and class.relkind in ('r', 'p', 'v')
      and has_table_privilege($1, class.oid, privilege)
  union all
  select 'create on schema ' || nspname from pg_namespace
    where nspname !~ '^pg_(temp|toast)' and has_schema_privilege($1, oid, 'create')
  union all
  select 'create on database' where has_database_privilege($1, current_database(), 'create')
  order by 1`;

export async function readRole(client: pg.Client): Promise<Role> {
  const powers = await client.query<{ power: string }>(POWERS, [APP_ROLE]);
  const grants = await client.query<{ grant: string }>(GRANTS, [APP_ROLE]);
  return { powers: powers.rows.map(({ power }) => power), grants: grants.rows.map(({ grant }) => grant) };
}

export async function readApplied(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>('select name from schema_migrations');
  return rows.map(({ name }) => name);
}
