-- How workers take rows from the webhook queue and give them back. As functions, so that each is one round trip, and so
-- that what is looked at after a lock was taken is looked at anew.

-- A worker's number is the key of an advisory lock that its session holds: it is free the moment the session ends.
create sequence webhook_workers as integer cycle;
create function ihf_webhook_lock_space() returns integer language sql immutable return 18534;

-- How many may be under way to a subscription at once. One that fails holds its slots until the timeout: it gets few,
-- so that many dead endpoints together cannot fill a worker.
create function ihf_webhook_slots(subscription webhook_subscriptions) returns integer language sql immutable
  return case when subscription.failing_since is null then subscription.max_in_flight
    else least(subscription.max_in_flight, 2) end;

-- Leases rows that are due, in turn among the subscriptions, within what each of them allows.
-- The queue's size changes faster than its statistics: no plan may count on a small one.
create function ihf_claim_webhooks(worker integer, room integer, lease_seconds integer)
returns table (
  subscription_id uuid, message_id uuid, attempt integer, topic text, data text, created_at timestamptz,
  url text, keys bytea, previous_keys bytea
) language plpgsql set enable_seqscan = off as $$
#variable_conflict use_column
declare
  mine uuid[];
begin
  -- Whoever has a subscription's row counts its leases alone. A worker that finds it taken has nothing to do there.
  select array_agg(id) into mine from (
    select id from webhook_subscriptions
    where status = 'active' and exists (select from webhook_queue
      where subscription_id = webhook_subscriptions.id and leased_by is null and due_at <= now())
    for no key update skip locked) as ready;
  if mine is null then
    return;
  end if;

  -- What waits behind another of its lane is put aside, so that it is not met again until it is its turn.
  loop
    with met as (
      select met.* from webhook_subscriptions as subscription, lateral (
        select * from webhook_queue
        where subscription_id = subscription.id and leased_by is null and due_at <= now()
        order by due_at, message_id limit 256) as met
      where subscription.id = any (mine) and subscription.ordered
    )
    update webhook_queue as behind set due_at = 'infinity'
    from met
    where behind.subscription_id = met.subscription_id and behind.message_id = met.message_id
      and (exists (select from webhook_queue as ahead where ahead.subscription_id = met.subscription_id
          and ahead.lane = met.lane and ahead.message_id < met.message_id)
        or exists (select from webhook_queue as ahead where ahead.subscription_id = met.subscription_id
          and ahead.lane = met.lane and ahead.leased_by is not null));
    exit when not found;
  end loop;

  return query
  with open as materialized (
    select id, ordered, rate_per_second, first_free,
      least(ihf_webhook_slots(webhook_subscriptions) - leased,
        floor(extract(epoch from now() - first_free) * rate_per_second) + 1)::integer as free
    from webhook_subscriptions
    cross join lateral (select count(*) as leased from webhook_queue
      where subscription_id = webhook_subscriptions.id and leased_by is not null) as under_way
    -- What was not used of the last tenth of a second may be used now.
    cross join lateral (select greatest(rate_free_at,
      now() - make_interval(secs => greatest(0, 0.1 - 1.0 / rate_per_second))) as first_free) as rate
    where id = any (mine)
  ), chosen as materialized (
    select due.subscription_id, due.message_id
    from open cross join lateral (
      select subscription_id, message_id, row_number() over (order by due_at, message_id) as turn
      from webhook_queue as next
      where subscription_id = open.id and leased_by is null and due_at <= now()
        -- What came since lanes were put in order waits for the next time.
        and not (open.ordered and exists (select from webhook_queue as ahead
          where ahead.subscription_id = next.subscription_id and ahead.lane = next.lane
            and (ahead.message_id < next.message_id or ahead.leased_by is not null)))
      order by due_at, message_id limit greatest(0, open.free)) as due
    order by turn limit room
  ), counted as (
    update webhook_subscriptions
    set rate_free_at = first_free + make_interval(secs => taken::double precision / open.rate_per_second)
    from open join (select subscription_id, count(*) as taken from chosen group by 1) as taken on subscription_id = open.id
    where webhook_subscriptions.id = open.id and open.rate_per_second is not null
  ), leased as (
    update webhook_queue as queue
    set leased_by = worker, leased_until = now() + make_interval(secs => lease_seconds)
    from chosen
    where queue.subscription_id = chosen.subscription_id and queue.message_id = chosen.message_id
    returning queue.subscription_id, queue.message_id, queue.attempts
  )
  select subscription.id, message.id, attempts + 1, message.topic, message.data::text, message.created_at,
    subscription.url, subscription.keys,
    case when subscription.previous_keys_until > now() then subscription.previous_keys end
  from leased
  join webhook_subscriptions as subscription on subscription.id = leased.subscription_id
  join webhook_messages as message on message.id = leased.message_id
  order by message.id;
end $$;

-- `worker` is the number under which the row was leased.
create type webhook_attempt as (
  worker integer, subscription_id uuid, message_id uuid, attempt smallint, duration_ms integer, status_code smallint,
  error text, response text, retry_ms bigint, gone boolean
);

-- Writes the attempts, takes what is done out of the queue, puts back what is to be tried again, and frees the lanes.
-- An attempt whose lease was lost meanwhile is written all the same; the row is another's once another has taken it.
create function ihf_finish_webhooks(attempts json) returns void
language plpgsql set enable_seqscan = off as $$
#variable_conflict use_column
declare
  made webhook_attempt[] := array(select json_populate_recordset(null::webhook_attempt, attempts));
begin
  -- Lanes are freed, and health is judged, under the lock that claims take. A healthy endpoint without order needs none.
  perform from webhook_subscriptions
    where id in (select subscription_id from unnest(made)) and (ordered or failing_since is not null
      or id in (select subscription_id from unnest(made) where error is not null))
    order by id for no key update;

  with attempted as (
    insert into webhook_deliveries
      (subscription_id, message_id, attempt, duration_ms, succeeded, status_code, error, response)
    select subscription_id, message_id, attempt, duration_ms, error is null, status_code, error, response
    from unnest(made)
  ), postponed as (
    update webhook_queue as queue
    set attempts = made.attempt, due_at = now() + make_interval(secs => retry_ms / 1000.0),
      leased_by = null, leased_until = null
    from unnest(made) as made
    where queue.subscription_id = made.subscription_id and queue.message_id = made.message_id
      and (leased_by = worker or leased_by is null and attempts < made.attempt) and retry_ms is not null
  ), removed as (
    delete from webhook_queue as queue using unnest(made) as made
    where queue.subscription_id = made.subscription_id and queue.message_id = made.message_id
      and (leased_by = worker or leased_by is null and attempts < made.attempt) and retry_ms is null
    returning queue.subscription_id, queue.message_id, lane
  )
  update webhook_queue as queue set due_at = now()
  from removed cross join lateral (select subscription_id, message_id from webhook_queue
    where subscription_id = removed.subscription_id and lane = removed.lane and message_id <> removed.message_id
    order by message_id limit 1) as next
  where queue.subscription_id = next.subscription_id and queue.message_id = next.message_id and due_at = 'infinity';

  update webhook_subscriptions
  set failing_since = case when succeeded then null else coalesce(failing_since, now()) end,
    status = case when gone then 'ended' when not succeeded and failing_since < now() - interval '5 days' then 'paused'
      else status end,
    status_reason = case when gone then 'gone' when not succeeded and failing_since < now() - interval '5 days'
      then 'failing' end,
    status_changed_at = case when gone or not succeeded and failing_since < now() - interval '5 days' then now()
      else status_changed_at end
  from (select subscription_id, bool_or(error is null) as succeeded, bool_or(made.gone) as gone
    from unnest(made) as made group by 1) as seen
  where id = seen.subscription_id and status = 'active' and (gone or succeeded = (failing_since is not null)
    or not succeeded and failing_since < now() - interval '5 days');
  delete from webhook_queue using webhook_subscriptions
  where id = subscription_id and status = 'ended' and id in (select subscription_id from unnest(made) as made where gone);
end $$;

-- Takes their rows from workers whose session is gone, and from those that took longer than they may.
create function ihf_free_webhooks() returns integer language plpgsql set enable_seqscan = off as $$
declare
  freed integer;
begin
  with lost as (
    select subscription_id, message_id from webhook_queue
    where leased_by is not null and (leased_until < now() or leased_by not in (
      select objid::bigint from pg_locks
      where locktype = 'advisory' and classid = ihf_webhook_lock_space() and objsubid = 2 and granted
        and database = (select oid from pg_database where datname = current_database())))
    for update skip locked
  )
  update webhook_queue as queue set leased_by = null, leased_until = null from lost
  where queue.subscription_id = lost.subscription_id and queue.message_id = lost.message_id;
  get diagnostics freed = row_count;
  return freed;
end $$;

-- The milliseconds until a claim will find something; null where nothing waits but for another's lease.
create function ihf_next_webhook() returns double precision language sql volatile set enable_seqscan = off
  return (select extract(epoch from min(greatest(due.due_at, rate_free_at)) - clock_timestamp()) * 1000
    from webhook_subscriptions as subscription cross join lateral (select due_at from webhook_queue
      where subscription_id = subscription.id and leased_by is null order by due_at, message_id limit 1) as due
    where status = 'active' and due.due_at < 'infinity' and ihf_webhook_slots(subscription) >
      (select count(*) from webhook_queue where subscription_id = subscription.id and leased_by is not null));

grant usage on sequence webhook_workers to ihf_app;
