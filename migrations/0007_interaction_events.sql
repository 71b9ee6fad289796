-- Partitioned by month. The id holds the time, so that one column identifies, orders, pages and partitions.
create table interaction_events (
  hub_id uuid not null,
  id uuid default ihf_uuidv7(),
  widget_id uuid not null,
  event_type text not null,
  -- RFC 3339 has years of four digits only.
  occurred_at timestamptz not null constraint occurred_at_has_four_digit_year
    check (occurred_at >= '0001-01-01 00:00+00' and occurred_at < '10000-01-01 00:00+00'),
  recorded_at timestamptz not null generated always as (ihf_uuidv7_time(id)) stored,
  actor_id text,
  session_id text,
  properties jsonb not null default '{}',
  primary key (hub_id, id),
  foreign key (hub_id, widget_id) references widgets (hub_id, id)
) partition by range (id);
create index on interaction_events (widget_id, id);
create index on interaction_events (event_type, id);

select ihf_attach_registry('interaction_events', 'event_type', 'event_types');

-- Creates the partitions from last month (a clock may be set back) to `months_ahead` months ahead.
create function ihf_create_event_partitions(months_ahead integer) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  month timestamptz;
begin
  -- When two nodes start at once, one creates the partitions and the other finds them.
  perform pg_advisory_xact_lock(hashtext('ihf_create_event_partitions'));
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
select ihf_create_event_partitions(3);

revoke execute on function ihf_create_event_partitions(integer) from public;
grant execute on function ihf_create_event_partitions(integer) to ihf_app;
grant select, insert on interaction_events to ihf_app;
