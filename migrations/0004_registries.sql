-- A registry is a table of values that the contract follows. A name is never changed, reused or deleted; the status only
-- moves forward. `registries` is the registry of all registries, itself included: an inserted row creates a registry. So
-- the contract, its revisions, the audit log, the API, the dashboard and the SDKs follow the registries as they follow values.

create function ihf_check_registry_value() returns trigger language plpgsql as $$
declare
  replacement_status text;
begin
  if tg_op = 'DELETE' then
    raise exception 'Values of % cannot be deleted', tg_table_name
      using errcode = 'IH002', table = tg_table_name, column = 'name', detail = old.name, hint = 'Retire the value instead.';
  end if;
  if tg_op = 'UPDATE' then
    if new.name <> old.name then
      raise exception 'Values of % cannot be renamed', tg_table_name
        using errcode = 'IH002', table = tg_table_name, column = 'name', detail = old.name,
          hint = 'Add the new name, then deprecate the old one with the new one as its replacement.';
    end if;
    if array_position(array['active', 'deprecated', 'retired'], new.status)
       < array_position(array['active', 'deprecated', 'retired'], old.status) then
      raise exception '''%'' is % and cannot become % again', old.name, old.status, new.status
        using errcode = 'IH002', table = tg_table_name, column = 'status', detail = old.name,
          hint = 'Add a value with another name.';
    end if;
    if (new.label, new.description, new.status, new.replaced_by, new.sunset_at)
       is distinct from (old.label, old.description, old.status, old.replaced_by, old.sunset_at) then
      new.updated_at := now();
    end if;
  end if;
  if new.replaced_by is not null and (tg_op = 'INSERT' or new.replaced_by is distinct from old.replaced_by) then
    execute format('select status from %I where name = $1', tg_table_name) into replacement_status using new.replaced_by;
    if replacement_status = 'retired' then
      raise exception 'The replacement ''%'' is retired', new.replaced_by
        using errcode = 'IH002', table = tg_table_name, column = 'replaced_by', detail = new.replaced_by,
          hint = 'Name an active or deprecated value.';
    end if;
  end if;
  return new;
end $$;

-- Every change, by the API, the CLI, the dashboard or psql, becomes a contract revision in the same transaction.
create function ihf_record_registry_change() returns trigger
language plpgsql security definer set search_path = public, pg_temp set timezone = 'UTC' as $$
declare
  published constant text[] := array['name', 'label', 'description', 'status', 'replaced_by', 'sunset_at'];
  before jsonb;
  after jsonb;
begin
  select jsonb_object_agg(key, value) into after from jsonb_each(to_jsonb(new)) where key = any (published);
  if tg_op = 'UPDATE' then
    select jsonb_object_agg(key, value) into before from jsonb_each(to_jsonb(old)) where key = any (published);
    if before = after then
      return null;
    end if;
  end if;
  insert into registry_changes (revision, registry, name, before, after)
  values (ihf_next_revision(), tg_table_name, new.name, before, after);
  return null;
end $$;

create function ihf_reject_registry_truncate() returns trigger language plpgsql as $$
begin
  raise exception 'Values of % cannot be deleted', tg_table_name
    using errcode = 'IH002', table = tg_table_name, hint = 'Retire the values instead.';
end $$;

-- Creates the table of a registry, with everything that belongs to it.
create function ihf_create_registry_table(registry text) returns void
language plpgsql set search_path = public, pg_temp as $$
begin
  execute format($ddl$
    create table %1$I (
      name text primary key constraint registry_value_name check (name ~ '^[a-z][a-z0-9_]{0,62}$'),
      id bigint generated always as identity unique,
      label text not null constraint registry_value_label check (length(label) between 1 and 100)
        constraint label_is_plain_text check (ihf_is_plain_text(label)),
      description text not null default ''
        constraint registry_value_description check (length(description) <= 2000)
        constraint description_is_plain_text check (ihf_is_plain_text(description, is_prose => true)),
      status text not null default 'active' check (status in ('active', 'deprecated', 'retired')),
      replaced_by text constraint not_replaced_by_itself check (replaced_by <> name)
        constraint %2$I references %1$I (name),
      sunset_at timestamptz constraint sunset_at_has_four_digit_year
        check (sunset_at >= '0001-01-01 00:00+00' and sunset_at < '10000-01-01 00:00+00'),
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      constraint active_has_no_replacement check (status <> 'active' or (replaced_by is null and sunset_at is null))
    );
    create trigger check_value before insert or update or delete on %1$I
      for each row execute function ihf_check_registry_value();
    create trigger reject_truncate before truncate on %1$I
      for each statement execute function ihf_reject_registry_truncate();
    create trigger record_change after insert or update on %1$I
      for each row execute function ihf_record_registry_change();
    -- Changes by replication and restores change the contract too.
    alter table %1$I enable always trigger check_value, enable always trigger reject_truncate,
      enable always trigger record_change;
    grant select, insert, update on %1$I to ihf_app;
    $ddl$, registry, ihf_registry_reference('replaced_by', registry));
  perform ihf_audit_table(registry, 'name');
end $$;

-- The name of a foreign key to a registry. Errors are translated by it: it names the column and the registry.
create function ihf_registry_reference(column_name text, registry text) returns text language sql immutable
  return column_name || ' -> ' || registry;

-- Creates the table of an inserted registry. The server's role owns nothing, so this runs as the owner of the tables.
create function ihf_create_registry_of_row() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  maximum constant integer := 100;
  -- Tables of the server, and of its later releases, begin with one of these words.
  reserved constant text := '^(pg|ihf|api|audit|contract|hub|idempotency|installation|interaction|manifest|operator|registry|schema|webhook)s?(_|$)';
begin
  if new.name ~ reserved then
    raise exception 'The name ''%'' is reserved for tables of the server', new.name
      using errcode = 'IH002', table = 'registries', column = 'name', detail = new.name, hint = 'Choose another name.';
  end if;
  -- The names of foreign keys contain it.
  if length(new.name) > 40 then
    raise exception 'The name ''%'' has more than 40 characters', new.name
      using errcode = 'IH002', table = 'registries', column = 'name', detail = new.name, hint = 'Choose a shorter name.';
  end if;
  if to_regclass(format('public.%I', new.name)) is not null then
    raise exception 'The database has a table ''%'' already', new.name
      using errcode = 'IH002', table = 'registries', column = 'name', detail = new.name, hint = 'Choose another name.';
  end if;
  if (select count(*) from registries) > maximum then
    raise exception 'The installation has % registries, the maximum', maximum
      using errcode = 'IH002', table = 'registries', column = 'name', detail = new.name, hint = 'Use one of them.';
  end if;
  perform ihf_create_registry_table(new.name);
  return null;
end $$;

select ihf_create_registry_table('registries');
alter table registries add constraint registries_stay_active check (status = 'active');
create trigger create_registry after insert on registries
  for each row when (new.name <> 'registries') execute function ihf_create_registry_of_row();
alter table registries enable always trigger create_registry;
alter table registry_changes add foreign key (registry) references registries (name);

-- Creates a registry: `select ihf_create_registry('currencies', label => 'Currencies')`.
create function ihf_create_registry(name text, label text, description text default '') returns void language sql
begin atomic
  insert into registries (name, label, description) values (name, label, description);
end;

-- The values of every registry, as the contract contains them, in one snapshot.
create type registry_value as (
  registry text, name text, label text, description text, status text, replaced_by text, sunset_at timestamptz
);
create function ihf_registry_values() returns setof registry_value
language plpgsql stable set search_path = public, pg_temp as $$
declare
  each_registry text;
begin
  for each_registry in select name from registries order by name loop
    return query execute format(
      'select %1$L, name, label, description, status, replaced_by, sunset_at from %1$I', each_registry);
  end loop;
end $$;

-- The columns that hold registry values.
create table registry_columns (
  table_name text not null,
  column_name text not null,
  registry text not null references registries (name),
  -- Whether a row of the table is a use of the value by its hub. Otherwise it only mentions the value, as a filter does.
  counts_uses boolean not null,
  primary key (table_name, column_name)
);
grant select on registry_columns to ihf_app;

-- Makes a column hold the values of a registry: `select ihf_attach_registry('annotations', 'category', 'annotation_categories')`.
-- A retired value cannot be stored in it, and the uses of a value are counted: the table needs the columns hub_id, and id,
-- a UUID of version 7. A row keeps a value that was retired later, until the column is changed.
create function ihf_attach_registry(of_table text, of_column text, to_registry text, counts_uses boolean default true)
returns void language plpgsql set search_path = public, pg_temp as $$
declare
  guard text := format('ihf_check_%s_%s', of_table, of_column);
  attribute pg_attribute;
begin
  select * into strict attribute from pg_attribute where attrelid = of_table::regclass and attname = of_column;
  if length(guard) > 63 or length(ihf_registry_reference(of_column, to_registry)) > 63 then
    raise 'The names of % and its column % are too long together: at most 52 characters', of_table, of_column;
  end if;
  insert into registry_columns values (of_table, of_column, to_registry, counts_uses);
  execute format('alter table %I add constraint %I foreign key (%I) references %I (name)',
    of_table, ihf_registry_reference(of_column, to_registry), of_column, to_registry);
  -- A function for each column: its statement is planned once, not for every row.
  execute format($function$
    create function %1$I() returns trigger language plpgsql as $guard$
    declare
      value %2$I;
    begin
      select * into value from %2$I where name = new.%3$I;
      if value.status = 'retired' then
        perform ihf_reject_retired_value(%2$L, %3$L, value.name, value.replaced_by);
      end if;
      return new;
    end $guard$ $function$, guard, to_registry, of_column);
  -- A generated column has its value only after the triggers of before.
  execute format('create trigger %1$I %2$s insert on %3$I for each row when (new.%4$I is not null) execute function %5$I()',
    'check_' || of_column, case attribute.attgenerated when '' then 'before' else 'after' end, of_table, of_column, guard);
  execute format('create trigger %1$I %2$s update of %4$I on %3$I
      for each row when (old.%4$I is distinct from new.%4$I) execute function %5$I()',
    format('check_%s_change', of_column), case attribute.attgenerated when '' then 'before' else 'after' end,
    of_table, of_column, guard);
  if counts_uses and not exists (select from pg_index
    where indrelid = of_table::regclass and indkey[1] = attribute.attnum and indpred is null
      and indkey[0] = (select attnum from pg_attribute where attrelid = of_table::regclass and attname = 'hub_id')) then
    execute format('create index on %I (hub_id, %I, id)', of_table, of_column);
  end if;
end $$;

revoke execute on function ihf_create_registry_table(text) from public;
revoke execute on function ihf_attach_registry(text, text, text, boolean) from public;

-- Called by the triggers of the columns that hold registry values: a retired value cannot be stored past the API either.
create function ihf_reject_retired_value(registry text, used_in text, value text, replacement text) returns void
language plpgsql as $$
begin
  raise exception '''%'' is a retired value of %', value, registry
    using errcode = 'IH001', table = registry, column = used_in, detail = value, hint = coalesce(replacement, '');
end $$;
