-- The server works as a role that owns nothing, so that it cannot drop a trigger or rewrite append-only rows.
-- Roles belong to the whole database server: another database on it may have created this role, or be creating it now.
do $$
begin
  create role ihf_app nologin;
exception
  when duplicate_object or unique_violation then null;
  when insufficient_privilege then
    raise exception 'The user % must be allowed to create the role ihf_app', current_user
      using hint = 'Run once as an administrator: create role ihf_app nologin; grant ihf_app to ' || current_user || ';';
end $$;

do $$
begin
  if not pg_has_role(current_user, 'ihf_app', 'member') then
    execute format('grant ihf_app to %I', current_user);
  end if;
  execute format('grant usage on schema public to ihf_app');
  -- A node whose login owns nothing must see that no migration is pending.
  grant select on public.schema_migrations to ihf_app;
end $$;

-- Ids are UUIDs of version 7 (RFC 9562, section 5.7), created by the database: one clock orders the rows of all nodes.
-- ihf_uuidv7() is an id of now, ihf_uuidv7_at() of any time. Postgres 18 has a function for both.
do $$
begin
  if current_setting('server_version_num')::int >= 180000 then
    create function ihf_uuidv7() returns uuid language sql volatile parallel safe
      return uuidv7();
    create function ihf_uuidv7_at(at timestamptz) returns uuid language sql volatile parallel safe
      return uuidv7(at - clock_timestamp());
  else
    create function ihf_uuidv7() returns uuid language sql volatile parallel safe as $sql$
      select encode(
        set_bit(set_bit(
          overlay(uuid_send(gen_random_uuid()) placing substring(
            int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3) from 1 for 6),
          52, 1), 53, 1), 'hex')::uuid
    $sql$;
    create function ihf_uuidv7_at(at timestamptz) returns uuid language sql volatile parallel safe
      return encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid()) placing
        substring(int8send((extract(epoch from at) * 1000)::bigint) from 3) from 1 for 6), 52, 1), 53, 1), 'hex')::uuid;
  end if;
end $$;

-- The time in an id, to the millisecond.
create function ihf_uuidv7_time(id uuid) returns timestamptz language sql immutable parallel safe
  return to_timestamp(('x' || translate(left(id::text, 13), '-', ''))::bit(48)::bigint::double precision / 1000);

-- The lowest id of a millisecond, which turns a time into a bound on ids, and so on partitions. No id is before 1970.
create function ihf_uuidv7_floor(at timestamptz) returns uuid language sql immutable parallel safe
  return (lpad(to_hex(greatest(0, ceil(extract(epoch from at) * 1000))::bigint), 12, '0') || repeat('0', 20))::uuid;

-- The author of a change, for contract revisions and the audit log: the session variable `ihf.actor`, or the database
-- user where it is not set.
create function ihf_actor() returns text language sql stable
  return coalesce(nullif(current_setting('ihf.actor', true), ''), session_user);

-- Whether a text that an operator wrote is safe in every output: documents, SDKs, pages, terminals and logs. Control
-- characters and line separators break parsers, bidirectional controls make a text look like another one, and
-- noncharacters are not for interchange (Unicode Standard, section 23.7). Prose can contain tabs and line feeds.
create function ihf_is_plain_text(value text, is_prose boolean default false) returns boolean
language sql immutable parallel safe
  return case when is_prose then translate(value, E'\t\n', '') else value end !~ ('['
    || '\u0001-\u001f\u007f-\u009f\u2028\u2029'
    || '\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069'
    || '\ufdd0-\ufdef\ufffe\uffff\U0001fffe\U0001ffff\U0002fffe\U0002ffff\U0003fffe\U0003ffff'
    || '\U0004fffe\U0004ffff\U0005fffe\U0005ffff\U0006fffe\U0006ffff\U0007fffe\U0007ffff'
    || '\U0008fffe\U0008ffff\U0009fffe\U0009ffff\U000afffe\U000affff\U000bfffe\U000bffff'
    || '\U000cfffe\U000cffff\U000dfffe\U000dffff\U000efffe\U000effff\U000ffffe\U000fffff'
    || '\U0010fffe\U0010ffff]');

create function ihf_reject_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'IH003', table = tg_table_name;
end $$;

-- What grows without bound is partitioned by time. A default partition stores the rows of a time that has no partition,
-- so that no row is rejected when maintenance has not run, or the clock jumps.
create table partitioned_tables (
  name text primary key,
  period text not null check (period in ('day', 'month')),
  periods_ahead integer not null check (periods_ahead > 0),
  -- A row of some tables is updated while its time lasts, which needs room on its page.
  fillfactor integer not null default 100 check (fillfactor between 10 and 100)
);

-- The partitions of a table with the times that they cover, without the default partition.
create function ihf_partitions(parent regclass) returns table (name text, starts_at timestamptz, ends_at timestamptz)
language sql stable set timezone = 'UTC' as $$
  select relname, ends[1], ends[2] from (
    select relname, regexp_match(pg_get_expr(relpartbound, pg_class.oid), $re$FROM \('(.*)'\) TO \('(.*)'\)$re$) as bounds
    from pg_inherits join pg_class on pg_class.oid = inhrelid where inhparent = parent) as partition
  cross join lateral (select array(select case when bound ~ '^[0-9a-f]{8}-' then ihf_uuidv7_time(bound::uuid)
      else bound::timestamptz end from unnest(bounds) as bound) as ends) as times
  where bounds is not null
$$;

-- `rows` selects the rows to copy into it from another table of the same form, if any. Returns how many it copied.
create function ihf_create_partition(parent text, partition text, bounds text, rows text default null) returns bigint
language plpgsql as $$
declare
  columns text;
  copied bigint := 0;
begin
  -- Created and then attached: `create table … partition of` would lock the parent against every reader and writer.
  execute format('create table %I (like %I including all) with (fillfactor = %s)', partition, parent,
    (select fillfactor from partitioned_tables where name = parent));
  if rows is not null then
    select string_agg(quote_ident(attname), ', ' order by attnum) into columns from pg_attribute
    where attrelid = parent::regclass and attnum > 0 and not attisdropped and attgenerated = '';
    execute format('insert into %I (%s) select %s from %s', partition, columns, columns, rows);
    get diagnostics copied = row_count;
  end if;
  execute format('alter table %I attach partition %I %s', parent, partition, bounds);
  -- Partitions do not inherit truncate triggers.
  if exists (select from pg_trigger where tgrelid = parent::regclass and tgname = 'append_only_truncate') then
    execute format('create trigger append_only_truncate before truncate on %I
      for each statement execute function ihf_reject_change()', partition);
    execute format('alter table %I enable always trigger append_only_truncate', partition);
  end if;
  return copied;
end $$;

create function ihf_partition_bounds(is_uuid boolean, starts_at timestamptz, ends_at timestamptz) returns text
language sql stable
  return format('for values from (%L) to (%L)', case when is_uuid then ihf_uuidv7_floor(starts_at)::text else starts_at::text end,
    case when is_uuid then ihf_uuidv7_floor(ends_at)::text else ends_at::text end);

-- Creates the partitions from the previous period (a clock may be set back) to some periods ahead, and drops those that
-- ended at least `days_kept` days ago (null: none). Times are those of the database's clock. Returns false if there is
-- more to do: another session is doing it, or a lock was not available at once, for example during a dump. Writers queue
-- behind a lock that this function waits for, and so it does not wait long.
create function ihf_maintain_partitions(parent text, days_kept integer) returns boolean
language plpgsql security definer set search_path = public, pg_temp set timezone = 'UTC' set lock_timeout = '250ms' as $$
declare
  settings partitioned_tables;
  key text;
  key_time text;
  is_uuid boolean;
  one_period interval;
  first_at timestamptz;
  last_at timestamptz;
  period_start timestamptz;
  default_name constant text := parent || '_default';
  former_name constant text := 'former_' || default_name;
  has_rows boolean;
  uncopied bigint;
  name_format text;
  old text;
begin
  select * into strict settings from partitioned_tables where name = parent;
  if not pg_try_advisory_xact_lock(hashtext('ihf_maintain_partitions ' || parent)) then
    return false;
  end if;
  -- An older snapshot would not contain the rows that were committed while the function waited for a lock.
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'Partitions must be maintained in a transaction of the isolation level read committed';
  end if;
  one_period := ('1 ' || settings.period)::interval;
  name_format := case settings.period when 'day' then '_YYYY_MM_DD' else '_YYYY_MM' end;
  select attname, atttypid = 'uuid'::regtype,
    case atttypid when 'uuid'::regtype then format('ihf_uuidv7_time(%I)', attname) else quote_ident(attname) end
    into key, is_uuid, key_time
  from pg_partitioned_table
  join pg_attribute on attrelid = partrelid and attnum = partattrs[0] where partrelid = parent::regclass;

  if to_regclass(default_name) is null then
    perform ihf_create_partition(parent, default_name, 'default');
  end if;

  -- Rows in the default partition: it becomes the partition of their time, and an empty one takes its place, so that no
  -- row is moved. Only if other partitions lie between the rows, they are copied, period by period.
  execute format('select exists (select from %I)', default_name) into has_rows;
  if has_rows then
    execute format('alter table %I detach partition %I', parent, default_name);
    -- Only now, under the lock, no transaction can add a row.
    execute format('select (select %1$s from %2$I order by %3$I limit 1), (select %1$s from %2$I order by %3$I desc limit 1)',
      key_time, default_name, key) into first_at, last_at;
    first_at := date_trunc(settings.period, first_at);
    last_at := date_trunc(settings.period, last_at) + one_period;
    if exists (select from ihf_partitions(parent::regclass) as known
        where known.starts_at < last_at and known.ends_at > first_at) then
      execute format('alter table %I rename to %I', default_name, former_name);
      execute format('select count(*) from %I', former_name) into uncopied;
      for period_start in execute format('select distinct date_trunc(%L, %s) from %I', settings.period, key_time, former_name)
      loop
        uncopied := uncopied - ihf_create_partition(parent, parent || to_char(period_start, name_format),
          ihf_partition_bounds(is_uuid, period_start, period_start + one_period),
          format('%1$I where %2$s >= %3$L and %2$s < %4$L', former_name, key_time, period_start, period_start + one_period));
      end loop;
      if uncopied <> 0 then
        raise exception '% rows of % were not copied to a partition', uncopied, default_name;
      end if;
      execute format('drop table %I', former_name);
    else
      execute format('alter table %I rename to %I', default_name, parent || to_char(first_at, name_format));
      execute format('alter table %I attach partition %I %s', parent, parent || to_char(first_at, name_format),
        ihf_partition_bounds(is_uuid, first_at, last_at));
    end if;
    perform ihf_create_partition(parent, default_name, 'default');
  end if;

  for period_start in select generate_series(greatest(date_trunc(settings.period, now()) - one_period, timestamptz 'epoch'),
    date_trunc(settings.period, now()) + settings.periods_ahead * one_period, one_period)
  loop
    continue when exists (select from ihf_partitions(parent::regclass) as known
      where known.starts_at < period_start + one_period
        and known.ends_at > period_start);
    perform ihf_create_partition(parent, parent || to_char(period_start, name_format),
      ihf_partition_bounds(is_uuid, period_start, period_start + one_period));
  end loop;

  for old in select known.name from ihf_partitions(parent::regclass) as known
    where known.ends_at <= date_trunc('day', now()) - make_interval(days => days_kept)
  loop
    -- Locks in the same order as a writer: the drop alone would take them in the opposite one, and could deadlock.
    execute format('lock table %s in access exclusive mode', (select string_agg(format('%s', locked), ', ' order by step, locked)
      from (select 1 as step, parent::regclass as locked
        union select 2, confrelid from pg_constraint where conrelid = parent::regclass and contype = 'f') as tables));
    execute format('drop table %I', old);
  end loop;
  return true;
exception
  -- What was done up to here is rolled back, and done by the next call. A row that was inserted into the empty default
  -- partition just before a partition for its time was attached is a check_violation.
  when lock_not_available or deadlock_detected or check_violation then return false;
end $$;

-- Declares a table as partitioned by time and creates its first partitions.
create function ihf_partition_by_time(parent text, period text, periods_ahead integer, fillfactor integer default 100)
returns void language plpgsql as $$
begin
  insert into partitioned_tables values (parent, period, periods_ahead, fillfactor);
  perform ihf_maintain_partitions(parent, null);
end $$;

revoke execute on function ihf_create_partition(text, text, text, text), ihf_maintain_partitions(text, integer),
  ihf_partition_by_time(text, text, integer, integer) from public;
grant execute on function ihf_maintain_partitions(text, integer) to ihf_app;
