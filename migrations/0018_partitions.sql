-- What grows without bound is partitioned by time. A default partition stores the rows of a time that has no partition,
-- so that no row is rejected when maintenance has not run, or the clock jumps.
create table partitioned_tables (
  name text primary key,
  period text not null check (period in ('day', 'month')),
  periods_ahead integer not null check (periods_ahead > 0),
  -- A row of some tables is updated while its time lasts, which needs room on its page.
  fillfactor integer not null default 100 check (fillfactor between 10 and 100)
);

-- The range for which rows of a default partition get a partition. As long as this entry exists, the default partition has
-- a CHECK: it contains only rows of the range, or none of it if they are moved to another table.
create table partition_repairs (
  parent text primary key references partitioned_tables (name),
  is_move boolean not null,
  starts_at timestamptz not null,
  ends_at timestamptz not null check (ends_at > starts_at)
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

create function ihf_has_uuid_key(parent text) returns boolean language sql stable
  return (select atttypid = 'uuid'::regtype from pg_partitioned_table
    join pg_attribute on attrelid = partrelid and attnum = partattrs[0] where partrelid = parent::regclass);

-- The lowest key of a time, as a literal.
create function ihf_partition_bound(parent text, at timestamptz) returns text language sql stable set timezone = 'UTC'
  return quote_literal(case when ihf_has_uuid_key(parent) then ihf_uuidv7_floor(at)::text else at::text end);

create function ihf_partition_key(parent text) returns text language sql stable
  return (select quote_ident(attname) from pg_partitioned_table
    join pg_attribute on attrelid = partrelid and attnum = partattrs[0] where partrelid = parent::regclass);

create function ihf_partition_name(parent text, starts_at timestamptz) returns text
language sql stable set timezone = 'UTC' as $$
  -- A partition that does not cover a whole period has its time in its name.
  select parent || to_char(starts_at, case
    when starts_at <> date_trunc(period, starts_at) then '_YYYY_MM_DD_HH24MISSMS'
    when period = 'day' then '_YYYY_MM_DD' else '_YYYY_MM' end)
  from partitioned_tables where name = parent
$$;

-- A table of the form of a partition. `create table … partition of` would lock the parent against all readers and writers.
create function ihf_create_detached_partition(parent text, partition text) returns void language plpgsql as $$
begin
  execute format('create table %I (like %I including all) with (fillfactor = %s)', partition, parent,
    (select fillfactor from partitioned_tables where name = parent));
  -- Partitions do not inherit truncate triggers.
  if exists (select from pg_trigger where tgrelid = parent::regclass and tgname = 'append_only_truncate') then
    execute format('create trigger append_only_truncate before truncate on %I
      for each statement execute function ihf_reject_change()', partition);
    execute format('alter table %I enable always trigger append_only_truncate', partition);
  end if;
end $$;

create function ihf_attach_partition(parent text, partition text, starts_at timestamptz, ends_at timestamptz)
returns void language plpgsql as $$
begin
  execute format('alter table %I attach partition %I for values from (%s) to (%s)', parent, partition,
    ihf_partition_bound(parent, starts_at), ihf_partition_bound(parent, ends_at));
end $$;

create function ihf_create_default_partition(parent text) returns void language plpgsql as $$
begin
  perform ihf_create_detached_partition(parent, parent || '_default');
  execute format('alter table %I attach partition %I default', parent, parent || '_default');
end $$;

-- The time without a partition around another one.
create function ihf_partition_gap(parent text, at timestamptz) returns tstzrange language sql stable
  return (select tstzrange(coalesce(max(ends_at) filter (where ends_at <= at), '-infinity'),
    coalesce(min(starts_at) filter (where starts_at > at), 'infinity')) from ihf_partitions(parent::regclass));

-- Rows of a default partition get a partition of their time in two steps, each a transaction: a CHECK that was validated
-- before spares Postgres reading all rows under the locks of the second step. The first step adds it for new rows only.
--
-- Usually the rows lie between two partitions or after the last one. Then the default partition becomes their partition and
-- an empty one takes its place. If other partitions lie between them (the clock jumped while there was no maintenance),
-- those of another time than now are moved, about 100 000 at once.
create function ihf_start_partition_repair(parent text) returns void language plpgsql set timezone = 'UTC' as $$
declare
  settings partitioned_tables;
  repair partition_repairs;
  one_period interval;
  default_name constant text := parent || '_default';
  key constant text := ihf_partition_key(parent);
  time_of_row constant text := format('select %s from %I where %s >= %%s order by %s %%s offset %%s limit 1',
    format(case when ihf_has_uuid_key(parent) then 'ihf_uuidv7_time(%s)' else '%s' end, key), default_name, key, key);
  first_at timestamptz;
  last_at timestamptz;
  many_at timestamptz;
  gap tstzrange;
begin
  select * into strict settings from partitioned_tables where name = parent;
  one_period := ('1 ' || settings.period)::interval;
  execute format(time_of_row, ihf_partition_bound(parent, '-infinity'), 'asc', 0) into first_at;
  execute format(time_of_row, ihf_partition_bound(parent, '-infinity'), 'desc', 0) into last_at;
  gap := ihf_partition_gap(parent, first_at);
  repair.parent := parent;
  repair.is_move := not gap @> last_at;
  if repair.is_move and gap @> now() then
    gap := ihf_partition_gap(parent, last_at);
    execute format(time_of_row, ihf_partition_bound(parent, lower(gap)), 'asc', 0) into first_at;
  end if;
  repair.starts_at := greatest(lower(gap), date_trunc(settings.period, first_at));
  if repair.is_move then
    last_at := first_at;
    execute format(time_of_row, ihf_partition_bound(parent, repair.starts_at), 'asc', 100000) into many_at;
  elsif gap @> now() then
    -- Until the second step, which a dump can delay, the CHECK must not reject a row.
    last_at := greatest(last_at, now() + settings.periods_ahead * one_period);
  end if;
  repair.ends_at := least(upper(gap), date_trunc(settings.period, last_at) + one_period,
    case when many_at > repair.starts_at then many_at end);
  insert into partition_repairs values (repair.*);
  execute format('alter table %I add constraint rows_of_one_time check (%s %s %s %s %s %s %s) not valid', default_name,
    key, case when repair.is_move then '<' else '>=' end, ihf_partition_bound(parent, repair.starts_at),
    case when repair.is_move then 'or' else 'and' end,
    key, case when repair.is_move then '>=' else '<' end, ihf_partition_bound(parent, repair.ends_at));
end $$;

create function ihf_finish_partition_repair(repair partition_repairs) returns void language plpgsql as $$
declare
  default_name constant text := repair.parent || '_default';
  partition constant text := ihf_partition_name(repair.parent, repair.starts_at);
  key constant text := ihf_partition_key(repair.parent);
  columns text;
  is_in_range boolean := true;
begin
  delete from partition_repairs where parent = repair.parent;
  if repair.is_move then
    perform ihf_create_detached_partition(repair.parent, partition);
    select string_agg(quote_ident(attname), ', ' order by attnum) into columns from pg_attribute
    where attrelid = default_name::regclass and attnum > 0 and not attisdropped and attgenerated = '';
    perform set_config('ihf.moves_rows_of', default_name, true);
    execute format('with moved as (delete from %I where %s >= %s and %s < %s returning *)
      insert into %I (%s) select %s from moved', default_name,
      key, ihf_partition_bound(repair.parent, repair.starts_at), key, ihf_partition_bound(repair.parent, repair.ends_at),
      partition, columns, columns);
    perform set_config('ihf.moves_rows_of', '', true);
  end if;
  begin
    execute format('alter table %I validate constraint rows_of_one_time', default_name);
  exception
    -- Another row was inserted before the constraint was added. The next repair begins with it.
    when check_violation then is_in_range := false;
  end;
  if not is_in_range then
    if repair.is_move then
      raise exception 'Rows of % were not moved to %', default_name, partition;
    end if;
    execute format('alter table %I drop constraint rows_of_one_time', default_name);
  elsif repair.is_move then
    perform ihf_attach_partition(repair.parent, partition, repair.starts_at, repair.ends_at);
    execute format('alter table %I drop constraint rows_of_one_time', default_name);
  else
    execute format('alter table %I detach partition %I', repair.parent, default_name);
    execute format('alter table %I rename to %I', default_name, partition);
    perform ihf_attach_partition(repair.parent, partition, repair.starts_at, repair.ends_at);
    execute format('alter table %I drop constraint rows_of_one_time', partition);
    perform ihf_create_default_partition(repair.parent);
  end if;
end $$;

-- Maintains the partitions of a table for the time of the database's clock. Returns what is left to do:
--   'done'      nothing: there are partitions from the previous period (a clock may be set back) to some periods ahead, and
--               those that ended at least `days_kept` days ago are dropped (null: none).
--   'continue'  the next step, with the next call.
--   'busy'      everything: another session is doing it, or a lock was not available at once, for example during a dump.
--               Writers queue behind a lock that this function waits for, and so it does not wait long.
create function ihf_maintain_partitions(parent text, days_kept integer) returns text
language plpgsql security definer set search_path = public, pg_temp set timezone = 'UTC' set lock_timeout = '250ms' as $$
declare
  settings partitioned_tables;
  repair partition_repairs;
  one_period interval;
  period_start timestamptz;
  name text;
  has_rows boolean;
begin
  select * into strict settings from partitioned_tables where partitioned_tables.name = parent;
  if not pg_try_advisory_xact_lock(hashtext('ihf_maintain_partitions ' || parent)) then
    return 'busy';
  end if;
  one_period := ('1 ' || settings.period)::interval;

  if to_regclass(parent || '_default') is null then
    perform ihf_create_default_partition(parent);
  end if;
  select * into repair from partition_repairs where partition_repairs.parent = settings.name;
  if found then
    perform ihf_finish_partition_repair(repair);
    return 'continue';
  end if;
  execute format('select exists (select from %I)', parent || '_default') into has_rows;
  if has_rows then
    perform ihf_start_partition_repair(parent);
    return 'continue';
  end if;

  for period_start in select generate_series(greatest(date_trunc(settings.period, now()) - one_period, timestamptz 'epoch'),
    date_trunc(settings.period, now()) + settings.periods_ahead * one_period, one_period)
  loop
    continue when exists (select from ihf_partitions(parent::regclass) as known
      where known.starts_at < period_start + one_period and known.ends_at > period_start);
    name := ihf_partition_name(parent, period_start);
    perform ihf_create_detached_partition(parent, name);
    perform ihf_attach_partition(parent, name, period_start, period_start + one_period);
  end loop;

  for name in select known.name from ihf_partitions(parent::regclass) as known
    where known.ends_at <= date_trunc('day', now()) - make_interval(days => days_kept)
  loop
    -- Locks in the same order as a writer: the drop alone would take them in the opposite one, and could deadlock.
    execute format('lock table %s in access exclusive mode', (select string_agg(format('%s', locked), ', ' order by step, locked)
      from (select 1 as step, parent::regclass as locked
        union select 2, confrelid from pg_constraint where conrelid = parent::regclass and contype = 'f') as tables));
    execute format('drop table %I', name);
  end loop;
  return 'done';
exception
  -- What was done up to here is rolled back, and done by the next call. A row that was inserted into the empty default
  -- partition just before a partition for its time was attached is a check_violation.
  when lock_not_available or deadlock_detected or check_violation then return 'busy';
end $$;

-- Declares a table as partitioned by time and creates its first partitions.
create function ihf_partition_by_time(parent text, period text, periods_ahead integer, fillfactor integer default 100)
returns void language plpgsql as $$
begin
  insert into partitioned_tables values (parent, period, periods_ahead, fillfactor);
  perform ihf_maintain_partitions(parent, null);
end $$;

select ihf_partition_by_time('interaction_events', 'month', 3);
select ihf_partition_by_time('webhook_messages', 'day', 3);
select ihf_partition_by_time('webhook_attempts', 'day', 3);
select ihf_partition_by_time('api_request_log', 'day', 3);
-- A row of the counts is updated up to four times per second during its bucket: leave room for that on its page.
select ihf_partition_by_time('request_counts_by_consumer', 'day', 3, 50);
select ihf_partition_by_time('request_counts_by_operation', 'day', 3, 50);
select ihf_partition_by_time('request_errors', 'day', 3, 50);

-- Functions that run as the owner only as parts of ihf_maintain_partitions.
revoke execute on function ihf_maintain_partitions(text, integer) from public;
grant execute on function ihf_maintain_partitions(text, integer) to ihf_app;
