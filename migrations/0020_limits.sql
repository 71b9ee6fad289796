-- How much a consumer may ask: requests in a minute, and items in a day (UTC). Null is the default of the installation.
alter table api_consumers
  add column rate_per_minute integer check (rate_per_minute >= 0),
  add column daily_quota bigint check (daily_quota >= 0);

-- What a consumer has used of the minute and the day at hand, by the database's clock: one row, updated in place.
create table consumer_usage (
  consumer_id uuid primary key references api_consumers (id),
  minute timestamptz not null default '-infinity',
  minute_count integer not null default 0,
  day timestamptz not null default '-infinity',
  day_count bigint not null default 0
) with (fillfactor = 50);

-- Counts requests (and the items they bring) against both limits, and says how many of them fit. The lock on the row
-- orders all nodes; the time is read under it, so that nobody counts for a minute that is over.
create function ihf_admit(
  consumer uuid, requests integer, items bigint, rate integer, quota bigint,
  out admitted integer, out minute_left integer, out minute_ends_ms integer, out day_left bigint, out day_ends_ms integer
) language plpgsql security definer set search_path = public, pg_temp as $$
declare
  used consumer_usage;
  now_utc timestamp;
  this_minute timestamptz;
  today timestamptz;
begin
  select * into used from consumer_usage where consumer_id = consumer for update;
  if not found then
    insert into consumer_usage (consumer_id) values (consumer) on conflict do nothing;
    select * into used from consumer_usage where consumer_id = consumer for update;
  end if;
  now_utc := clock_timestamp() at time zone 'utc';
  this_minute := date_trunc('minute', now_utc) at time zone 'utc';
  today := date_trunc('day', now_utc) at time zone 'utc';
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
    used.day_count := used.day_count + admitted;
  else
    admitted := greatest(0, least(requests, rate - used.minute_count, quota - used.day_count));
    used.minute_count := used.minute_count + admitted;
    used.day_count := used.day_count + admitted;
  end if;
  if admitted > 0 then
    update consumer_usage
    set minute = used.minute, minute_count = used.minute_count, day = used.day, day_count = used.day_count
    where consumer_id = consumer;
  end if;
  minute_left := greatest(0, rate - used.minute_count);
  day_left := greatest(0, quota - used.day_count);
  minute_ends_ms := ceil(1000 * extract(epoch from used.minute + interval '1 minute' - now_utc at time zone 'utc'));
  day_ends_ms := ceil(1000 * extract(epoch from used.day + interval '1 day' - now_utc at time zone 'utc'));
end $$;

-- Nodes remember for a while that a consumer has used up a limit: another limit is news to them.
create function ihf_tell_limits() returns trigger language plpgsql as $$
begin
  perform pg_notify('ihf_limits', new.id::text);
  return null;
end $$;
create trigger tell_limits after update of rate_per_minute, daily_quota on api_consumers
  for each row when ((old.rate_per_minute, old.daily_quota) is distinct from (new.rate_per_minute, new.daily_quota))
  execute function ihf_tell_limits();

revoke execute on function ihf_admit(uuid, integer, bigint, integer, bigint) from public;
grant execute on function ihf_admit(uuid, integer, bigint, integer, bigint) to ihf_app;
grant select on consumer_usage to ihf_app;
