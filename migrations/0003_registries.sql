-- The values that the contract follows. A name is never changed, reused or deleted; the status only moves forward.
create table widget_types (
  name text primary key check (name ~ '^[a-z][a-z0-9_]{0,62}$'),
  id bigint generated always as identity unique,
  label text not null check (length(label) between 1 and 100)
    constraint label_is_plain_text check (ihf_is_plain_text(label)),
  description text not null default '' check (length(description) <= 2000)
    constraint description_is_plain_text check (ihf_is_plain_text(description, is_prose => true)),
  status text not null default 'active' check (status in ('active', 'deprecated', 'retired')),
  replaced_by text constraint not_replaced_by_itself check (replaced_by <> name),
  sunset_at timestamptz constraint sunset_at_has_four_digit_year
    check (sunset_at >= '0001-01-01 00:00+00' and sunset_at < '10000-01-01 00:00+00'),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint active_has_no_replacement check (status <> 'active' or (replaced_by is null and sunset_at is null))
);
create table event_types (like widget_types including all);
create table annotation_categories (like widget_types including all);
alter table widget_types add foreign key (replaced_by) references widget_types (name);
alter table event_types add foreign key (replaced_by) references event_types (name);
alter table annotation_categories add foreign key (replaced_by) references annotation_categories (name);

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

do $$
declare
  registry text;
begin
  foreach registry in array array['widget_types', 'event_types', 'annotation_categories'] loop
    execute format('create trigger check_value before insert or update or delete on %I
      for each row execute function ihf_check_registry_value()', registry);
    execute format('create trigger reject_truncate before truncate on %I
      for each statement execute function ihf_reject_registry_truncate()', registry);
    execute format('create trigger record_change after insert or update on %I
      for each row execute function ihf_record_registry_change()', registry);
    -- Changes by replication and restores change the contract too.
    execute format('alter table %I enable always trigger check_value, enable always trigger reject_truncate,
      enable always trigger record_change', registry);
    execute format('grant select, insert, update on %I to ihf_app', registry);
  end loop;
end $$;

-- Called by the triggers of the tables that use registry values: a retired value cannot be stored past the API either.
create function ihf_reject_retired_value(registry text, used_in text, value text, replacement text) returns void
language plpgsql as $$
begin
  raise exception '''%'' is a retired value of %', value, registry
    using errcode = 'IH001', table = registry, column = used_in, detail = value, hint = coalesce(replacement, '');
end $$;
