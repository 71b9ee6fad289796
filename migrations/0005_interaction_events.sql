-- Partitioned by month. The key holds the time, so one column identifies, orders, pages and partitions.
create table interaction_events (
  id uuid primary key default ihf_uuidv7(),
  hub_id uuid not null references hubs (id),
  widget_id uuid not null references widgets (id),
  event_type text not null references event_types (name),
  -- What RFC 3339 can write: a year has four digits.
  occurred_at timestamptz not null constraint occurred_at_has_four_digits
    check (occurred_at >= '0001-01-01 00:00+00' and occurred_at < '10000-01-01 00:00+00'),
  recorded_at timestamptz not null generated always as (ihf_uuidv7_time(id)) stored,
  actor_id text,
  session_id text,
  properties jsonb not null default '{}'
) partition by range (id);
create index on interaction_events (hub_id, id);
create index on interaction_events (widget_id, id);
create index on interaction_events (event_type, id);

create function ihf_check_event_type() returns trigger language plpgsql as $$
declare
  word event_types;
begin
  select * into word from event_types where name = new.event_type;
  if word.status = 'retired' then
    perform ihf_refuse_retired('event_types', 'event_type', word.name, word.replaced_by);
  end if;
  return new;
end $$;
create trigger check_type before insert on interaction_events for each row execute function ihf_check_event_type();
create trigger check_type_change before update of event_type on interaction_events
  for each row when (old.event_type is distinct from new.event_type) execute function ihf_check_event_type();

-- Makes the partitions from last month (a clock may be set back) to so many months ahead.
create function ihf_ensure_partitions(months_ahead integer) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  month timestamptz;
begin
  -- Two nodes start at once: one makes them, the other finds them made.
  perform pg_advisory_xact_lock(hashtext('ihf_ensure_partitions'));
  for month in
    select generate_series(
      date_trunc('month', now() at time zone 'utc') - interval '1 month',
      date_trunc('month', now() at time zone 'utc') + make_interval(months => months_ahead),
      interval '1 month') at time zone 'utc'
  loop
    if to_regclass(format('interaction_events_%s', to_char(month at time zone 'utc', 'YYYY_MM'))) is null then
      execute format('create table %I partition of interaction_events for values from (%L) to (%L)',
        'interaction_events_' || to_char(month at time zone 'utc', 'YYYY_MM'),
        ihf_uuidv7_floor(month),
        ihf_uuidv7_floor((month at time zone 'utc' + interval '1 month') at time zone 'utc'));
    end if;
  end loop;
end $$;
select ihf_ensure_partitions(3);

revoke execute on function ihf_ensure_partitions(integer) from public;
grant execute on function ihf_ensure_partitions(integer) to ihf_app;
grant select, insert on interaction_events to ihf_app;
