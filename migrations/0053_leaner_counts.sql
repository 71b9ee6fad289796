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
