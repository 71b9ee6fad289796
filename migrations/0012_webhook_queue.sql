-- How workers lease deliveries from the queue and return them. As functions, so that each is one round trip and sees,
-- after it has taken a lock, the rows as they are then.

-- A worker's number is the key of an advisory lock that its session holds: it is released when the session ends.
create sequence webhook_workers as integer cycle;
create function ihf_worker_lock_space() returns integer language sql immutable return 18534;

-- Whether a worker's session still holds its number. A shared lock is granted only if no session does.
create function ihf_worker_is_running(worker integer) returns boolean language sql volatile
  return not pg_try_advisory_xact_lock_shared(ihf_worker_lock_space(), worker);

-- How many deliveries to a subscription may be in flight. A failing endpoint holds each of them until the timeout, and
-- so gets few: many dead endpoints together must not occupy a whole worker.
create function ihf_subscription_concurrency(subscription webhook_subscriptions) returns integer language sql immutable
  return case when subscription.failing_since is null then subscription.max_in_flight
    else least(subscription.max_in_flight, 2) end;

-- Leases deliveries that are due, by turns among the subscriptions, within the limits of each.
-- The size of the queue changes faster than its statistics: plans must not rely on a small one.
create function ihf_claim_deliveries(worker integer, max_deliveries integer, lease_seconds integer)
returns table (
  hub_id uuid, subscription_id uuid, message_id uuid, attempt integer, topic text, data text, created_at timestamptz,
  url text, keys bytea, previous_keys bytea
) language plpgsql set enable_seqscan = off as $$
#variable_conflict use_column
declare
  locked_hubs uuid[];
  locked_ids uuid[];
begin
  -- The session that holds the worker's number has ended, although the worker may not have noticed yet: its leases are
  -- being released, and new ones would exceed the limits of the subscriptions.
  if not ihf_worker_is_running(worker) then
    raise 'The session of worker % has ended.', worker using errcode = 'IH004';
  end if;

  -- The lock on a subscription protects the count of its leases. If another worker holds it, this one skips it.
  select array_agg(hub_id), array_agg(id) into locked_hubs, locked_ids from (
    select hub_id, id from webhook_subscriptions as subscription
    where status = 'active' and exists (select from webhook_queue as queue
      where queue.hub_id = subscription.hub_id and queue.subscription_id = subscription.id
        and leased_by is null and due_at <= now())
    for no key update skip locked) as ready;
  if locked_ids is null then
    return;
  end if;

  -- Deliveries behind another with the same ordering key are postponed until it is their turn, so that the next claim
  -- does not scan them again.
  loop
    with due as (
      select due.* from unnest(locked_hubs, locked_ids) as locked (hub_id, id)
      join webhook_subscriptions as subscription
        on subscription.hub_id = locked.hub_id and subscription.id = locked.id
      cross join lateral (
        select * from webhook_queue as queue
        where queue.hub_id = subscription.hub_id and queue.subscription_id = subscription.id
          and leased_by is null and due_at <= now()
        order by due_at, message_id limit 256) as due
      where subscription.ordered
    )
    update webhook_queue as behind set due_at = 'infinity'
    from due
    where behind.hub_id = due.hub_id and behind.subscription_id = due.subscription_id
      and behind.message_id = due.message_id
      and (exists (select from webhook_queue as ahead
          where ahead.hub_id = due.hub_id and ahead.subscription_id = due.subscription_id
            and ahead.ordering_key = due.ordering_key and ahead.message_id < due.message_id)
        or exists (select from webhook_queue as ahead
          where ahead.hub_id = due.hub_id and ahead.subscription_id = due.subscription_id
            and ahead.ordering_key = due.ordering_key and ahead.leased_by is not null));
    exit when not found;
  end loop;

  return query
  with open as materialized (
    select subscription.hub_id, subscription.id, ordered, rate_per_second, first_free,
      least(ihf_subscription_concurrency(subscription) - leased,
        floor(extract(epoch from now() - first_free) * rate_per_second) + 1)::integer as free
    from unnest(locked_hubs, locked_ids) as locked (hub_id, id)
    join webhook_subscriptions as subscription
      on subscription.hub_id = locked.hub_id and subscription.id = locked.id
    cross join lateral (select count(*) as leased from webhook_queue as queue
      where queue.hub_id = subscription.hub_id and queue.subscription_id = subscription.id
        and leased_by is not null) as in_flight
    -- The unused rate of the last tenth of a second may be used now.
    cross join lateral (select greatest(rate_free_at,
      now() - make_interval(secs => greatest(0, 0.1 - 1.0 / rate_per_second))) as first_free) as rate
  ), chosen as materialized (
    select due.hub_id, due.subscription_id, due.message_id
    from open cross join lateral (
      select hub_id, subscription_id, message_id, row_number() over (order by due_at, message_id) as turn
      from webhook_queue as next
      where next.hub_id = open.hub_id and next.subscription_id = open.id and leased_by is null and due_at <= now()
        -- Deliveries queued since the loop above wait for the next claim.
        and not (open.ordered and exists (select from webhook_queue as ahead
          where ahead.hub_id = next.hub_id and ahead.subscription_id = next.subscription_id
            and ahead.ordering_key = next.ordering_key
            and (ahead.message_id < next.message_id or ahead.leased_by is not null)))
      order by due_at, message_id limit greatest(0, open.free)) as due
    order by turn limit max_deliveries
  ), counted as (
    update webhook_subscriptions as subscription
    set rate_free_at = first_free + make_interval(secs => taken::double precision / open.rate_per_second)
    from open join (select hub_id, subscription_id, count(*) as taken from chosen group by 1, 2) as taken
      on taken.hub_id = open.hub_id and taken.subscription_id = open.id
    where subscription.hub_id = open.hub_id and subscription.id = open.id and open.rate_per_second is not null
  ), leased as (
    update webhook_queue as queue
    set leased_by = worker, leased_until = now() + make_interval(secs => lease_seconds), requeue = null
    from chosen
    where queue.hub_id = chosen.hub_id and queue.subscription_id = chosen.subscription_id
      and queue.message_id = chosen.message_id
    returning queue.hub_id, queue.subscription_id, queue.message_id, queue.attempts
  )
  select leased.hub_id, subscription.id, message.id, attempts + 1, message.topic, message.data::text,
    message.created_at, subscription.url, subscription.keys,
    case when subscription.previous_keys_until > now() then subscription.previous_keys end
  from leased
  join webhook_subscriptions as subscription
    on subscription.hub_id = leased.hub_id and subscription.id = leased.subscription_id
  join webhook_messages as message on message.hub_id = leased.hub_id and message.id = leased.message_id
  order by message.id;
end $$;

-- `worker` is the number under which the delivery was leased.
create type webhook_finished_attempt as (
  worker integer, hub_id uuid, subscription_id uuid, message_id uuid, attempt smallint, duration_ms integer,
  status_code smallint, error text, response text, retry_ms bigint, gone boolean, url text, request_headers jsonb,
  response_headers jsonb
);

-- Stores the attempts, removes finished deliveries from the queue, returns those to be retried, and makes the next with
-- the same ordering key due. An attempt whose lease has expired is stored too; its delivery stays with the worker that
-- has leased it since.
create function ihf_finish_deliveries(attempts json) returns void
language plpgsql set enable_seqscan = off as $$
#variable_conflict use_column
declare
  finished webhook_finished_attempt[] := array(select json_populate_recordset(null::webhook_finished_attempt, attempts));
begin
  -- The next ordered delivery becomes due, and the health of an endpoint changes, under the lock that claims take. A
  -- healthy endpoint without order needs no lock.
  perform from webhook_subscriptions as subscription
    where (hub_id, id) in (select finished.hub_id, finished.subscription_id from unnest(finished) as finished)
      and (ordered or failing_since is not null or (hub_id, id) in (
        select finished.hub_id, finished.subscription_id from unnest(finished) as finished where error is not null))
    order by hub_id, id for no key update;

  with attempted as (
    insert into webhook_attempts
      (hub_id, subscription_id, message_id, attempt, duration_ms, succeeded, status_code, error, response,
        url, request_headers, response_headers)
    select hub_id, subscription_id, message_id, attempt, duration_ms, error is null, status_code, error, response,
      url, request_headers, response_headers
    from unnest(finished)
  ), postponed as (
    update webhook_queue as queue
    set attempts = finished.attempt, due_at = now() + make_interval(secs => retry_ms / 1000.0),
      leased_by = null, leased_until = null
    from unnest(finished) as finished
    where queue.hub_id = finished.hub_id and queue.subscription_id = finished.subscription_id
      and queue.message_id = finished.message_id
      and (leased_by = worker or leased_by is null and attempts < finished.attempt) and retry_ms is not null
      and requeue is null
  ), removed as (
    delete from webhook_queue as queue using unnest(finished) as finished
    where queue.hub_id = finished.hub_id and queue.subscription_id = finished.subscription_id
      and queue.message_id = finished.message_id
      and (leased_by = worker or leased_by is null and attempts < finished.attempt) and retry_ms is null
      and (requeue is null or requeue = 'on_failure' and error is null)
    returning queue.hub_id, queue.subscription_id, queue.message_id, ordering_key
  )
  update webhook_queue as queue set due_at = now()
  from removed cross join lateral (select hub_id, subscription_id, message_id from webhook_queue as waiting
    where waiting.hub_id = removed.hub_id and waiting.subscription_id = removed.subscription_id
      and waiting.ordering_key = removed.ordering_key and waiting.message_id <> removed.message_id
    order by message_id limit 1) as next
  where queue.hub_id = next.hub_id and queue.subscription_id = next.subscription_id
    and queue.message_id = next.message_id and due_at = 'infinity';

  -- As a second statement, it also sees the requests that committed while the first one waited for the row.
  update webhook_queue as queue
  set attempts = 0, due_at = now(), leased_by = null, leased_until = null
  from unnest(finished) as finished
  where queue.hub_id = finished.hub_id and queue.subscription_id = finished.subscription_id
    and queue.message_id = finished.message_id and leased_by = worker
    and (requeue = 'always' or requeue = 'on_failure' and error is not null);

  update webhook_subscriptions as subscription
  set failing_since = case when succeeded then null else coalesce(failing_since, now()) end,
    status = case when gone then 'ended' when not succeeded and failing_since < now() - interval '5 days' then 'paused'
      else status end,
    status_reason = case when gone then 'gone' when not succeeded and failing_since < now() - interval '5 days'
      then 'failing' end,
    status_changed_at = case when gone or not succeeded and failing_since < now() - interval '5 days' then now()
      else status_changed_at end
  from (select hub_id, subscription_id, bool_or(error is null) as succeeded, bool_or(finished.gone) as gone
    from unnest(finished) as finished group by 1, 2) as result
  where subscription.hub_id = result.hub_id and subscription.id = result.subscription_id and status = 'active'
    and (gone or succeeded = (failing_since is not null)
      or not succeeded and failing_since < now() - interval '5 days');
  delete from webhook_queue as queue using webhook_subscriptions as subscription
  where queue.hub_id = subscription.hub_id and queue.subscription_id = subscription.id and status = 'ended'
    and (subscription.hub_id, subscription.id) in (
      select finished.hub_id, finished.subscription_id from unnest(finished) as finished where gone);
end $$;

-- Ends the leases of workers whose session has ended, and those that have expired. Returns how many.
create function ihf_release_leases() returns integer language plpgsql set enable_seqscan = off as $$
declare
  released integer;
begin
  with lost as (
    select hub_id, subscription_id, message_id from webhook_queue
    where leased_by is not null and (leased_until < now() or leased_by not in (
      select objid::bigint from pg_locks
      where locktype = 'advisory' and classid = ihf_worker_lock_space() and objsubid = 2 and granted
        and database = (select oid from pg_database where datname = current_database())))
    for update skip locked
  )
  update webhook_queue as queue set leased_by = null, leased_until = null from lost
  where queue.hub_id = lost.hub_id and queue.subscription_id = lost.subscription_id
    and queue.message_id = lost.message_id;
  get diagnostics released = row_count;
  return released;
end $$;

-- The milliseconds until a claim can lease a delivery; null while none is waiting for its time.
create function ihf_ms_until_next_delivery() returns double precision language sql volatile set enable_seqscan = off
  return (select extract(epoch from min(greatest(due.due_at, rate_free_at)) - clock_timestamp()) * 1000
    from webhook_subscriptions as subscription
    cross join lateral (select due_at from webhook_queue as queue
      where queue.hub_id = subscription.hub_id and queue.subscription_id = subscription.id and leased_by is null
      order by due_at, message_id limit 1) as due
    where status = 'active' and due.due_at < 'infinity' and ihf_subscription_concurrency(subscription) >
      (select count(*) from webhook_queue as queue
        where queue.hub_id = subscription.hub_id and queue.subscription_id = subscription.id
          and leased_by is not null));

grant usage on sequence webhook_workers to ihf_app;
