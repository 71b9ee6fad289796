-- The same counting for less: the clock is read once and asked for its minute and its day in whole numbers, since
-- arithmetic on intervals took a third of the time.
create or replace function ihf_admit(
  consumer uuid, requests integer, items bigint, rate integer, quota bigint,
  out admitted integer, out minute_left integer, out minute_ends_ms integer, out day_left bigint, out day_ends_ms integer
) language plpgsql security definer set search_path = public, pg_temp as $$
declare
  used consumer_usage;
  now_ms bigint;
  this_minute timestamptz;
  today timestamptz;
begin
  select * into used from consumer_usage where consumer_id = consumer for update;
  if not found then
    insert into consumer_usage (consumer_id) values (consumer) on conflict do nothing;
    select * into used from consumer_usage where consumer_id = consumer for update;
  end if;
  -- Under the lock, so that nobody counts for a minute that is over.
  now_ms := floor(extract(epoch from clock_timestamp()) * 1000);
  this_minute := to_timestamp(now_ms / 60000 * 60);
  today := to_timestamp(now_ms / 86400000 * 86400);
  if used.minute < this_minute then
    used.minute := this_minute;
    used.minute_count := 0;
  end if;
  if used.day < today then
    used.day := today;
    used.day_count := 0;
  end if;
  if requests = 0 then
    -- The further items of one request: all of them or none.
    admitted := case when used.day_count + items <= quota then items else 0 end;
  else
    admitted := greatest(0, least(requests, rate - used.minute_count, quota - used.day_count));
    used.minute_count := used.minute_count + admitted;
  end if;
  used.day_count := used.day_count + admitted;
  if admitted > 0 then
    update consumer_usage
    set minute = used.minute, minute_count = used.minute_count, day = used.day, day_count = used.day_count
    where consumer_id = consumer;
  end if;
  minute_left := greatest(0, rate - used.minute_count);
  day_left := greatest(0, quota - used.day_count);
  minute_ends_ms := 60000 - now_ms % 60000;
  day_ends_ms := 86400000 - now_ms % 86400000;
end $$;

-- Every row of the log is counted by its operation in the same statement, and the counts refer to api_operations: a
-- second look at each row of the log found nothing that the first had let through.
alter table api_request_log drop constraint api_request_log_operation_fkey;

-- Requests are gathered by kind first, in one pass, and each table counts the kinds, of which a batch has few.
create function ihf_histogram(classes integer[], requests bigint[]) returns integer[] language sql immutable parallel safe
  return (select array_agg(coalesce(counted, 0) order by n)
    from generate_series(1, 32) as n
    left join (select class, sum(count)::integer as counted
      from unnest(classes, requests) as pair (class, count) group by class) as found on class = n);

-- As before, whoever writes to the log, in the order of the keys.
create or replace function ihf_count_requests() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  with kinds as materialized (
    select date_bin('10 minutes', ended_at, 'epoch') as bucket, consumer_id, operation, status, problem,
      ihf_duration_class(duration_us) as class, count(*) as requests, max(ended_at) as last_ended_at
    from logged group by 1, 2, 3, 4, 5, 6
  ), outcomes as materialized (
    select kinds.*, ihf_outcome(status) as outcome from kinds
  ), by_consumer as (
    insert into request_counts_by_consumer as known
    select bucket, consumer_id,
      coalesce(sum(requests) filter (where outcome = 'success'), 0),
      coalesce(sum(requests) filter (where outcome = 'limited'), 0),
      coalesce(sum(requests) filter (where outcome = 'refused'), 0),
      coalesce(sum(requests) filter (where outcome = 'failed'), 0),
      coalesce(sum(requests) filter (where outcome = 'abandoned'), 0),
      ihf_histogram(array_agg(class), array_agg(requests)), max(last_ended_at)
    from outcomes group by 1, 2 order by 1, 2
    on conflict (bucket, coalesce(consumer_id, '00000000-0000-0000-0000-000000000000'))
    do update set success = known.success + excluded.success, limited = known.limited + excluded.limited,
      refused = known.refused + excluded.refused, failed = known.failed + excluded.failed,
      abandoned = known.abandoned + excluded.abandoned, durations = ihf_add(known.durations, excluded.durations),
      last_ended_at = greatest(known.last_ended_at, excluded.last_ended_at)
  ), by_operation as (
    insert into request_counts_by_operation as known
    select bucket, operation,
      coalesce(sum(requests) filter (where outcome = 'success'), 0),
      coalesce(sum(requests) filter (where outcome = 'limited'), 0),
      coalesce(sum(requests) filter (where outcome = 'refused'), 0),
      coalesce(sum(requests) filter (where outcome = 'failed'), 0),
      coalesce(sum(requests) filter (where outcome = 'abandoned'), 0),
      ihf_histogram(array_agg(class), array_agg(requests)), max(last_ended_at)
    from outcomes group by 1, 2 order by 1, 2
    on conflict (bucket, coalesce(operation, 0))
    do update set success = known.success + excluded.success, limited = known.limited + excluded.limited,
      refused = known.refused + excluded.refused, failed = known.failed + excluded.failed,
      abandoned = known.abandoned + excluded.abandoned, durations = ihf_add(known.durations, excluded.durations),
      last_ended_at = greatest(known.last_ended_at, excluded.last_ended_at)
  )
  insert into request_errors as known
  select bucket, operation, status, problem, sum(requests), max(last_ended_at)
  from kinds where status >= 400 group by 1, 2, 3, 4 order by 1, 2, 3, 4
  on conflict (bucket, coalesce(operation, 0), status, coalesce(problem, ''))
  do update set requests = known.requests + excluded.requests,
    last_ended_at = greatest(known.last_ended_at, excluded.last_ended_at);
  return null;
end $$;
drop function ihf_histogram(integer[]);

-- Postgres 18 makes ids of any time itself.
do $$
begin
  if current_setting('server_version_num')::int >= 180000 then
    create or replace function ihf_uuidv7_at(at timestamptz) returns uuid language sql volatile parallel safe
      return uuidv7(at - clock_timestamp());
  end if;
end $$;
