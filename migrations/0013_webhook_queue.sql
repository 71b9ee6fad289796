-- How workers lease deliveries from the queue and return them. As functions, so that each is one round trip and sees,
-- after it has taken a lock, the rows as they are then.

-- When the rate of a subscription allows the next delivery: at most a second ahead, unless the clock was set back.
create function ihf_rate_free_at(subscription webhook_subscriptions) returns timestamptz language sql stable
  return case when subscription.rate_free_at <= now() + interval '1 second' then subscription.rate_free_at else now() end;

-- Leases deliveries that are due, by turns among the hubs and their subscriptions, within the limits of each.
-- The size of the queue changes faster than its statistics: plans must not rely on a small one.
create function ihf_claim_deliveries(worker integer, lease bigint, max_deliveries integer, lease_seconds integer)
returns setof webhook_leased_delivery language plpgsql set enable_seqscan = off as $$
#variable_conflict use_column
declare
  locked_hubs uuid[];
  locked_ids uuid[];
  any_ordered boolean;
begin
  perform ihf_commit_without_waiting();
  -- The session that holds the worker's number has ended, although the worker may not have noticed yet: its leases are
  -- being released, and new ones would exceed the limits of the subscriptions.
  if not ihf_worker_is_running(worker) then
    raise 'The session of worker % has ended.', worker using errcode = 'IH004';
  end if;

  -- The lock on a subscription protects the count of its leases. If another worker holds it, this one skips it.
  select array_agg(hub_id), array_agg(id), bool_or(ordered) into locked_hubs, locked_ids, any_ordered from (
    select hub_id, id, ordered from webhook_subscriptions as subscription
    where status = 'active' and exists (select from webhook_queue as queue
      where queue.hub_id = subscription.hub_id and queue.subscription_id = subscription.id
        and leased_by is null and due_at <= now())
    for no key update skip locked) as ready;
  if locked_ids is null then
    return;
  end if;

  -- Deliveries behind another with the same ordering key are postponed until it is their turn, so that the next claim
  -- does not scan them again.
  while any_ordered loop
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

  with open as materialized (
    select subscription.hub_id, subscription.id, ordered, rate_per_second, first_free, free_in_hub,
      least(ihf_subscription_concurrency(subscription) - leased,
        floor(extract(epoch from now() - first_free) * rate_per_second) + 1)::integer as free
    from unnest(locked_hubs, locked_ids) as locked (hub_id, id)
    join webhook_subscriptions as subscription
      on subscription.hub_id = locked.hub_id and subscription.id = locked.id
    cross join lateral (select count(*) as leased from webhook_queue as queue
      where queue.hub_id = subscription.hub_id and queue.subscription_id = subscription.id
        and leased_by is not null) as in_flight
    cross join lateral (select ihf_hub_concurrency() - count(*) as free_in_hub from webhook_queue as queue
      where queue.hub_id = subscription.hub_id and leased_by is not null) as in_hub
    -- The unused rate of the last tenth of a second may be used now.
    cross join lateral (select greatest(ihf_rate_free_at(subscription),
      now() - make_interval(secs => greatest(0, 0.1 - 1.0 / rate_per_second))) as first_free) as rate
  ), chosen as materialized (
    select hub_id, subscription_id, message_id from (
      select due.*, free_in_hub, row_number() over (partition by due.hub_id order by turn, subscription_id) as hub_turn
      from open cross join lateral (
      select hub_id, subscription_id, message_id, row_number() over (order by due_at, message_id) as turn
      from webhook_queue as next
      where next.hub_id = open.hub_id and next.subscription_id = open.id and leased_by is null and due_at <= now()
        -- Deliveries queued since the loop above wait for the next claim.
        and not (open.ordered and exists (select from webhook_queue as ahead
          where ahead.hub_id = next.hub_id and ahead.subscription_id = next.subscription_id
            and ahead.ordering_key = next.ordering_key
            and (ahead.message_id < next.message_id or ahead.leased_by is not null)))
      order by due_at, message_id limit greatest(0, open.free)) as due) as due
    where hub_turn <= free_in_hub
    order by hub_turn limit max_deliveries
  ), counted as (
    update webhook_subscriptions as subscription
    set rate_free_at = first_free + make_interval(secs => taken::double precision / open.rate_per_second)
    from open join (select hub_id, subscription_id, count(*) as taken from chosen group by 1, 2) as taken
      on taken.hub_id = open.hub_id and taken.subscription_id = open.id
    where subscription.hub_id = open.hub_id and subscription.id = open.id and open.rate_per_second is not null
  )
  update webhook_queue as queue
  set leased_by = worker, leased_until = now() + make_interval(secs => lease_seconds), lease_id = lease, requeue = null
  from chosen
  where queue.hub_id = chosen.hub_id and queue.subscription_id = chosen.subscription_id
    and queue.message_id = chosen.message_id;
  return query select * from ihf_leased_deliveries(lease, locked_hubs);
end $$;

-- The result of an attempt made under a lease. Not `sent`: the attempt failed before its request, by no fault of the
-- endpoint, and does not count. `rewritten`: an earlier call with it had no response.
create type webhook_finished_attempt as (
  lease_id bigint, hub_id uuid, subscription_id uuid, message_id uuid, attempt smallint, duration_ms integer,
  status_code smallint, error text, response text, retry_ms bigint, gone boolean, sent boolean, rewritten boolean,
  url text, request_headers jsonb, response_headers jsonb
);

-- Leases the deliveries in flight of a worker whose session has ended, under the number of its next session. Returns
-- those that no other worker has leased meanwhile.
create function ihf_adopt_leases(worker integer, deliveries json, lease_seconds integer)
returns table (lease_id text, subscription_id uuid, message_id uuid) language plpgsql set enable_seqscan = off as $$
#variable_conflict use_column
declare
  adopted webhook_finished_attempt[] := array(select json_populate_recordset(null::webhook_finished_attempt, deliveries));
begin
  perform from webhook_subscriptions
    where (hub_id, id) in (select adopted.hub_id, adopted.subscription_id from unnest(adopted) as adopted)
    order by hub_id, id for no key update;
  return query
  update webhook_queue as queue
  set leased_by = worker, leased_until = now() + make_interval(secs => lease_seconds)
  from unnest(adopted) as adopted
  where queue.hub_id = adopted.hub_id and queue.subscription_id = adopted.subscription_id
    and queue.message_id = adopted.message_id and queue.lease_id = adopted.lease_id
  returning queue.lease_id::text, queue.subscription_id, queue.message_id;
end $$;

-- Stores the attempts, removes finished deliveries from the queue, returns those to be retried, and makes the next with
-- the same ordering key due. An attempt whose lease another worker has taken is stored too, and changes nothing else.
-- Returns the milliseconds until the next delivery of these hubs can be claimed; null if none is waiting.
create function ihf_finish_deliveries(attempts json) returns double precision
language plpgsql set enable_seqscan = off as $$
#variable_conflict use_column
declare
  finished webhook_finished_attempt[] := array(select json_populate_recordset(null::webhook_finished_attempt, attempts));
  changes_subscription boolean;
  handled integer;
begin
  perform ihf_commit_without_waiting();
  -- The next ordered delivery becomes due, and the health of an endpoint changes, under the lock that claims take. A
  -- healthy endpoint without order needs no lock.
  perform from webhook_subscriptions as subscription
    where (hub_id, id) in (select finished.hub_id, finished.subscription_id from unnest(finished) as finished)
      and (ordered or failing_since is not null or (hub_id, id) in (
        select finished.hub_id, finished.subscription_id from unnest(finished) as finished where error is not null))
    order by hub_id, id for no key update;
  changes_subscription := found;

  with attempted as (
    insert into webhook_attempts
      (hub_id, subscription_id, message_id, attempt, duration_ms, succeeded, status_code, error, response,
        url, request_headers, response_headers, lease_id)
    select hub_id, subscription_id, message_id, attempt, duration_ms, error is null, status_code, error, response,
      url, request_headers, response_headers, lease_id
    from unnest(finished) as finished
    where sent and not (coalesce(rewritten, false) and exists (select from webhook_attempts as stored
      where stored.hub_id = finished.hub_id and stored.subscription_id = finished.subscription_id
        and stored.id > ihf_uuidv7_floor(now() - interval '1 hour')
        and stored.message_id = finished.message_id and stored.lease_id = finished.lease_id))
  ), postponed as (
    update webhook_queue as queue
    set attempts = case when sent then finished.attempt else attempts end,
      due_at = now() + make_interval(secs => retry_ms / 1000.0), leased_by = null, leased_until = null, lease_id = null
    from unnest(finished) as finished
    where queue.hub_id = finished.hub_id and queue.subscription_id = finished.subscription_id
      and queue.message_id = finished.message_id and queue.lease_id = finished.lease_id
      and retry_ms is not null and (requeue is null or not sent)
    returning 1
  ), removed as (
    delete from webhook_queue as queue using unnest(finished) as finished
    where queue.hub_id = finished.hub_id and queue.subscription_id = finished.subscription_id
      and queue.message_id = finished.message_id and queue.lease_id = finished.lease_id
      and retry_ms is null and (requeue is null or requeue = 'on_failure' and error is null)
    returning queue.hub_id, queue.subscription_id, queue.message_id, ordering_key
  ), next_in_order as (
    update webhook_queue as queue set due_at = now()
    from removed cross join lateral (select hub_id, subscription_id, message_id from webhook_queue as waiting
      where waiting.hub_id = removed.hub_id and waiting.subscription_id = removed.subscription_id
        and waiting.ordering_key = removed.ordering_key and waiting.message_id <> removed.message_id
      order by message_id limit 1) as next
    where queue.hub_id = next.hub_id and queue.subscription_id = next.subscription_id
      and queue.message_id = next.message_id and due_at = 'infinity'
  )
  select (select count(*) from postponed) + (select count(*) from removed) into handled;

  -- As a second statement, it also sees the requests that committed while the first one waited for the row.
  if handled < cardinality(finished) then
    update webhook_queue as queue
    set attempts = 0, due_at = now(), leased_by = null, leased_until = null, lease_id = null
    from unnest(finished) as finished
    where queue.hub_id = finished.hub_id and queue.subscription_id = finished.subscription_id
      and queue.message_id = finished.message_id and queue.lease_id = finished.lease_id and requeue is not null;
  end if;

  if changes_subscription then
    update webhook_subscriptions as subscription
    set failing_since = case when succeeded then null else coalesce(failing_since, now()) end,
      status = case when gone then 'ended' when not succeeded and failing_since < now() - interval '5 days' then 'paused'
        else status end,
      status_reason = case when gone then 'gone' when not succeeded and failing_since < now() - interval '5 days'
        then 'failing' end,
      status_changed_at = case when gone or not succeeded and failing_since < now() - interval '5 days' then now()
        else status_changed_at end
    from (select hub_id, subscription_id, bool_or(error is null) as succeeded, bool_or(finished.gone) as gone
      from unnest(finished) as finished where sent group by 1, 2) as result
    where subscription.hub_id = result.hub_id and subscription.id = result.subscription_id and status = 'active'
      and (gone or succeeded = (failing_since is not null)
        or not succeeded and failing_since < now() - interval '5 days');
    delete from webhook_queue as queue using webhook_subscriptions as subscription
    where queue.hub_id = subscription.hub_id and queue.subscription_id = subscription.id and status = 'ended'
      and (subscription.hub_id, subscription.id) in (
        select finished.hub_id, finished.subscription_id from unnest(finished) as finished where gone);
  end if;

  return (select extract(epoch from min(claimable_at) - clock_timestamp()) * 1000
    from webhook_next_claims where hub_id = any (array(select finished.hub_id from unnest(finished) as finished)));
end $$;

-- Ends the leases that have expired, and returns how many. A worker whose session has ended may still be running, on a
-- connection that has broken: its leases end after the grace period, unless it continues them under another number.
create function ihf_release_leases(grace_seconds double precision) returns integer
language plpgsql set enable_seqscan = off as $$
declare
  grace timestamptz := now() + make_interval(secs => grace_seconds);
  released integer;
begin
  perform ihf_commit_without_waiting();
  with lost as (
    select hub_id, subscription_id, message_id, leased_until < now() as is_over from webhook_queue
    where leased_by is not null and (leased_until < now() or leased_until > grace and leased_by not in (
      select objid::bigint from pg_locks
      where locktype = 'advisory' and classid = ihf_worker_lock_space() and objsubid = 2 and granted
        and database = (select oid from pg_database where datname = current_database())))
    for update skip locked
  ), changed as (
    update webhook_queue as queue
    set leased_by = case when not is_over then leased_by end, leased_until = case when not is_over then grace end
    from lost
    where queue.hub_id = lost.hub_id and queue.subscription_id = lost.subscription_id
      and queue.message_id = lost.message_id
    returning is_over
  )
  select count(*) filter (where is_over) into released from changed;
  return released;
end $$;

-- When the next delivery of each subscription can be claimed. Without a row, none is waiting for its time alone.
create view webhook_next_claims as
  select subscription.hub_id, subscription.id as subscription_id, greatest(due.due_at, ihf_rate_free_at(subscription)) as claimable_at
  from webhook_subscriptions as subscription
  cross join lateral (select due_at from webhook_queue as queue
    where queue.hub_id = subscription.hub_id and queue.subscription_id = subscription.id and leased_by is null
    order by due_at, message_id limit 1) as due
  where status = 'active' and due.due_at < 'infinity' and ihf_subscription_concurrency(subscription) >
    (select count(*) from webhook_queue as queue
      where queue.hub_id = subscription.hub_id and queue.subscription_id = subscription.id
        and leased_by is not null)
    and ihf_hub_concurrency() > (select count(*) from webhook_queue as queue
      where queue.hub_id = subscription.hub_id and leased_by is not null);

-- The milliseconds until a claim can lease a delivery; null while none is waiting for its time.
create function ihf_ms_until_next_delivery() returns double precision language plpgsql set enable_seqscan = off as $$
begin
  return (select extract(epoch from min(claimable_at) - clock_timestamp()) * 1000 from webhook_next_claims);
end $$;

grant select on webhook_next_claims to ihf_app;
grant usage on sequence webhook_workers to ihf_app;
