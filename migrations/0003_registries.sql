-- The words that the contract follows. A name is never changed, reused or deleted; the state goes forward only.
create table widget_types (
  name text primary key check (name ~ '^[a-z][a-z0-9_]{0,62}$'),
  id bigint generated always as identity unique,
  label text not null check (length(label) between 1 and 100),
  description text not null default '' check (length(description) <= 2000),
  status text not null default 'active' check (status in ('active', 'deprecated', 'retired')),
  replaced_by text check (replaced_by <> name),
  sunset_at timestamptz constraint sunset_at_has_four_digits
    check (sunset_at >= '0001-01-01 00:00+00' and sunset_at < '10000-01-01 00:00+00'),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint active_has_no_successor check (status <> 'active' or (replaced_by is null and sunset_at is null))
);
create table event_types (like widget_types including all);
create table annotation_categories (like widget_types including all);
alter table widget_types add foreign key (replaced_by) references widget_types (name);
alter table event_types add foreign key (replaced_by) references event_types (name);
alter table annotation_categories add foreign key (replaced_by) references annotation_categories (name);

create function ihf_guard_registry() returns trigger language plpgsql as $$
declare
  replacement_status text;
begin
  if tg_op = 'DELETE' then
    raise exception 'A value of % is never deleted', tg_table_name
      using errcode = 'IH002', table = tg_table_name, column = 'name', detail = old.name, hint = 'Retire it instead.';
  end if;
  if tg_op = 'UPDATE' then
    if new.name <> old.name then
      raise exception 'A value of % is never renamed', tg_table_name
        using errcode = 'IH002', table = tg_table_name, column = 'name', detail = old.name,
          hint = 'Add the new name, then deprecate the old one with the new one as its replacement.';
    end if;
    if array_position(array['active', 'deprecated', 'retired'], new.status)
       < array_position(array['active', 'deprecated', 'retired'], old.status) then
      raise exception 'The state of a value goes forward only: % is %', old.name, old.status
        using errcode = 'IH002', table = tg_table_name, column = 'status', detail = old.name,
          hint = 'Add a value under another name.';
    end if;
    if (new.label, new.description, new.status, new.replaced_by, new.sunset_at)
       is distinct from (old.label, old.description, old.status, old.replaced_by, old.sunset_at) then
      new.updated_at := now();
    end if;
  end if;
  if new.replaced_by is not null and (tg_op = 'INSERT' or new.replaced_by is distinct from old.replaced_by) then
    execute format('select status from %I where name = $1', tg_table_name) into replacement_status using new.replaced_by;
    if replacement_status = 'retired' then
      raise exception 'The replacement % is retired itself', new.replaced_by
        using errcode = 'IH002', table = tg_table_name, column = 'replaced_by', detail = new.replaced_by,
          hint = 'Name a value that may be used.';
    end if;
  end if;
  return new;
end $$;

-- Each change is a contract revision of its own transaction, by whatever hand it was made.
create function ihf_record_registry_change() returns trigger
language plpgsql security definer set search_path = public, pg_temp set timezone = 'UTC' as $$
declare
  shown constant text[] := array['name', 'label', 'description', 'status', 'replaced_by', 'sunset_at'];
  before jsonb;
  after jsonb;
begin
  select jsonb_object_agg(key, value) into after from jsonb_each(to_jsonb(new)) where key = any (shown);
  if tg_op = 'UPDATE' then
    select jsonb_object_agg(key, value) into before from jsonb_each(to_jsonb(old)) where key = any (shown);
    if before = after then
      return null;
    end if;
  end if;
  insert into registry_changes (revision, registry, name, before, after)
  values (ihf_next_revision(), tg_table_name, new.name, before, after);
  return null;
end $$;

create function ihf_refuse_truncate() returns trigger language plpgsql as $$
begin
  raise exception 'The values of % are never deleted', tg_table_name
    using errcode = 'IH002', table = tg_table_name, hint = 'Retire them instead.';
end $$;

do $$
declare
  registry text;
begin
  foreach registry in array array['widget_types', 'event_types', 'annotation_categories'] loop
    execute format('create trigger guard before insert or update or delete on %I for each row execute function ihf_guard_registry()', registry);
    execute format('create trigger guard_truncate before truncate on %I for each statement execute function ihf_refuse_truncate()', registry);
    execute format('create trigger record_change after insert or update on %I for each row execute function ihf_record_registry_change()', registry);
    -- Replication and restores change the contract as any other hand does.
    execute format('alter table %I enable always trigger guard, enable always trigger guard_truncate, enable always trigger record_change', registry);
    execute format('grant select, insert, update on %I to ihf_app', registry);
  end loop;
end $$;

-- Raised by the tables that use the words: a retired word cannot be stored, past the API either.
create function ihf_refuse_retired(registry text, used_in text, word text, replacement text) returns void
language plpgsql as $$
begin
  raise exception '% is a retired value of %', word, registry
    using errcode = 'IH001', table = registry, column = used_in, detail = word, hint = coalesce(replacement, '');
end $$;
