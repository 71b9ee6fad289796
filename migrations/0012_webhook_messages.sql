-- Triggers that store messages and queue their deliveries in the transaction of the change that they report.

-- A worker's number is the key of an advisory lock that its session holds: it is released when the session ends.
create sequence webhook_workers as integer cycle;

-- A crash of Postgres may lose the last claims and records of attempts: their messages are then sent again. Waiting for the
-- disk would keep deliveries leased, and subscriptions locked, for several times as long.
create function ihf_commit_without_waiting() returns void language plpgsql as $$
begin
  perform set_config('synchronous_commit', 'off', true);
end $$;

create function ihf_worker_lock_space() returns integer language sql immutable return 18534;

-- Whether a worker's session still holds its number. A shared lock is granted only if no session does.
create function ihf_worker_is_running(worker integer) returns boolean language sql volatile
  return not pg_try_advisory_xact_lock_shared(ihf_worker_lock_space(), worker);

-- How many deliveries to a subscription may be in flight. A failing endpoint holds each of them until the timeout, and
-- so gets few: many dead endpoints together must not occupy a whole worker.
create function ihf_subscription_concurrency(subscription webhook_subscriptions) returns integer language sql immutable
  return case when subscription.failing_since is null then subscription.max_in_flight
    else least(subscription.max_in_flight, 2) end;

-- How many deliveries of one hub may be in flight: a quarter of what one worker sends at once, so that a hub with many
-- subscriptions leaves room for others.
create function ihf_hub_concurrency() returns integer language sql immutable return 128;

-- What a worker needs to make the attempts of a lease.
create type webhook_leased_delivery as (
  lease_id text, hub_id uuid, subscription_id uuid, message_id uuid, attempt integer, topic text, data text,
  created_at timestamptz, url text, keys bytea, previous_keys bytea, ordered boolean,
  -- The time of the database, in milliseconds: clocks of nodes can be wrong.
  leased_at double precision
);
create function ihf_leased_deliveries(lease bigint, hubs uuid[]) returns setof webhook_leased_delivery
language plpgsql set enable_seqscan = off as $$
begin
  return query select queue.lease_id::text, queue.hub_id, queue.subscription_id, queue.message_id, queue.attempts + 1,
    message.topic, message.data::text, message.created_at, subscription.url, subscription.keys,
    case when previous_keys_until > now() then subscription.previous_keys end, subscription.ordered,
    (extract(epoch from clock_timestamp()) * 1000)::double precision
  from webhook_queue as queue
  join webhook_subscriptions as subscription
    on subscription.hub_id = queue.hub_id and subscription.id = queue.subscription_id
  join webhook_messages as message on message.hub_id = queue.hub_id and message.id = queue.message_id
  where queue.hub_id = any (hubs) and leased_by is not null and queue.lease_id = lease
  order by queue.message_id;
end $$;

-- Times in the format of the API.
create function ihf_json_time(at timestamptz) returns text language sql stable parallel safe
  return to_char(at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');

-- Whether a message of its hub passes the topics and filters of a subscription: `ihf_add_webhook_filter` adds the filters.
create function ihf_subscription_matches(subscription webhook_subscriptions, topic text, widget_id uuid, data json)
returns boolean language sql stable return topic = any (subscription.topics);

-- Adds a filter on the values of a registry to subscriptions: a column of this name. `path` is where the data of a message
-- has the value. If widgets have a column of the name, messages about a widget have its value. A filter restricts only
-- messages that have a value.
create function ihf_add_webhook_filter(field text, registry text, path text[] default null) returns void
language plpgsql set search_path = public, pg_temp as $$
begin
  execute format('alter table webhook_subscriptions add column %I text', field);
  perform ihf_attach_registry('webhook_subscriptions', field, registry, counts_uses => false);
  insert into webhook_filters values (field, coalesce(path, array[field]));
  -- One expression over plain columns, so that Postgres inlines it.
  execute 'create or replace function ihf_subscription_matches(
      subscription webhook_subscriptions, topic text, widget_id uuid, data json) returns boolean language sql stable
    return topic = any (subscription.topics) and '
    || (select string_agg(format('(subscription.%1$I is null or subscription.%1$I = coalesce(%2$s, subscription.%1$I))',
        filter.field, concat_ws(', ', format('data #>> %L::text[]', filter.path), (
          select format('(select %I from widgets where widgets.hub_id = subscription.hub_id and widgets.id = widget_id)', column_name)
          from registry_columns where table_name = 'widgets' and column_name = filter.field))), ' and ' order by filter.field)
      from webhook_filters as filter);
  -- Workers update this table all the time: only the columns that an operator or a consumer changes are audited.
  perform ihf_audit_table('webhook_subscriptions', 'id',
    array['url', 'topics', 'ordered', 'max_in_flight', 'rate_per_second', 'status', 'keys']
    || array(select webhook_filters.field from webhook_filters order by 1));
end $$;
create table webhook_filters (
  field text primary key,
  path text[] not null
);
select ihf_add_webhook_filter('widget_type', 'widget_types');
select ihf_add_webhook_filter('event_type', 'event_types');
select ihf_add_webhook_filter('category', 'annotation_categories');
revoke execute on function ihf_add_webhook_filter(text, text, text[]) from public;

-- An ordered subscription has one key for each widget, and one for messages about no widget.
create function ihf_ordering_key(subscription webhook_subscriptions, widget_id uuid) returns uuid
language sql immutable
  return case when subscription.ordered then coalesce(widget_id, subscription.id) end;

-- A message that no subscription waits for is not stored. It is not undelivered either: a subscription receives what
-- happens after it was created.
create function ihf_has_subscription(hub uuid, topic text) returns boolean language sql stable
  return exists (select from webhook_subscriptions
    where hub_id = hub and status in ('active', 'paused') and topic = any (topics));

-- Gives up the oldest queued deliveries of the subscriptions of these hubs, beyond the limit. Their messages stay stored,
-- and a recovery can queue them again.
create function ihf_give_up_deliveries(hubs uuid[], maximum integer) returns void
language plpgsql set enable_seqscan = off as $$
declare
  subscription record;
  oldest_kept uuid;
  keys uuid[];
  number integer;
begin
  -- A claim or an attempt that ends holds the lock at the moment: the next insert is soon enough.
  for subscription in select hub_id, id from webhook_subscriptions
    where hub_id = any (hubs) and status in ('active', 'paused') order by id for no key update skip locked
  loop
    select message_id into oldest_kept from webhook_queue
      where hub_id = subscription.hub_id and subscription_id = subscription.id
      order by message_id desc offset maximum - 1 limit 1;
    continue when not found;
    with old as (
      select hub_id, subscription_id, message_id from webhook_queue
      where hub_id = subscription.hub_id and subscription_id = subscription.id and message_id < oldest_kept
        and leased_by is null and requeue is null
      for update skip locked
    ), deleted as (
      delete from webhook_queue as queue using old
      where queue.hub_id = old.hub_id and queue.subscription_id = old.subscription_id
        and queue.message_id = old.message_id
      returning ordering_key
    )
    select count(*), array_agg(distinct ordering_key) into number, keys from deleted;
    continue when number = 0;
    update webhook_subscriptions set given_up = given_up + number, given_up_at = now()
      where hub_id = subscription.hub_id and id = subscription.id;
    -- In an ordered subscription the next of the same key no longer waits.
    update webhook_queue as queue set due_at = now()
      from unnest(keys) as freed (key) cross join lateral (select message_id from webhook_queue as waiting
        where waiting.hub_id = subscription.hub_id and waiting.subscription_id = subscription.id
          and waiting.ordering_key = freed.key order by message_id limit 1) as next
      where queue.hub_id = subscription.hub_id and queue.subscription_id = subscription.id
        and queue.message_id = next.message_id and due_at = 'infinity';
  end loop;
end $$;

-- Queues the deliveries of new messages. A node with a worker offers a lease ("worker lease seconds" in the variable
-- ihf.webhook_lease): it gets the deliveries that are due at once and within the limits, and need not search for them.
create function ihf_queue_deliveries() returns trigger language plpgsql as $$
declare
  offer text[] := string_to_array(nullif(current_setting('ihf.webhook_lease', true), ''), ' ');
  hub_ids uuid[] := array(select distinct hub_id from messages);
  open_ids uuid[];
  queued integer;
  maximum integer;
begin
  if offer is not null and ihf_worker_is_running(offer[1]::integer) then
    -- The lock protects the count of the leases, as in a claim. If a claim holds it, or older deliveries are due, the
    -- new ones are claimed in their turn.
    select array_agg(id) into open_ids from (
      select id from webhook_subscriptions as subscription
      where hub_id = any (hub_ids) and status = 'active' and not ordered and rate_per_second is null
        and failing_since is null and not exists (select from webhook_queue as queue
          where queue.hub_id = subscription.hub_id and queue.subscription_id = subscription.id
            and leased_by is null and due_at <= now())
      for no key update skip locked) as open;
  end if;

  -- Read by their index, also where Postgres would rather read the subscriptions of all hubs.
  with subscription as materialized (
    select * from webhook_subscriptions where hub_id = any (hub_ids) and status in ('active', 'paused')
  ), matching as (
    select subscription.hub_id, subscription.id as subscription_id, message.id as message_id,
      ihf_ordering_key(subscription, message.widget_id) as ordering_key,
      row_number() over (partition by subscription.hub_id, subscription.id order by message.id) as position,
      row_number() over (partition by subscription.hub_id order by message.id, subscription.id) as position_in_hub
    from messages as message
    join subscription on subscription.hub_id = message.hub_id
    where ihf_subscription_matches(subscription, message.topic, message.widget_id, message.data)
  ), open as materialized (
    select subscription.hub_id, subscription.id, in_hub.free as free_in_hub,
      ihf_subscription_concurrency(subscription) - (select count(*) from webhook_queue as queue
        where queue.hub_id = subscription.hub_id and queue.subscription_id = subscription.id
          and leased_by is not null) as free
    from unnest(open_ids) as locked (id)
    join webhook_subscriptions as subscription
      on subscription.id = locked.id and hub_id = any (hub_ids)
    cross join lateral (select ihf_hub_concurrency() - count(*) as free from webhook_queue as queue
      where queue.hub_id = subscription.hub_id and leased_by is not null) as in_hub
  )
  insert into webhook_queue
    (hub_id, subscription_id, message_id, ordering_key, leased_by, leased_until, lease_id)
  select matching.hub_id, subscription_id, message_id, ordering_key,
    case when is_leased then offer[1]::integer end,
    case when is_leased then now() + make_interval(secs => offer[3]::integer) end,
    case when is_leased then offer[2]::bigint end
  from matching left join open on open.hub_id = matching.hub_id and open.id = subscription_id
  cross join lateral (select position <= free and position_in_hub <= free_in_hub as is_leased) as lease;
  get diagnostics queued = row_count;

  -- Counting a queue costs as much as it is long: on average it is done whenever it may have grown by a hundredth.
  if queued > 0 then
    maximum := (select queued_per_subscription from webhook_limits);
    if random() * maximum < queued * 100.0 then
      perform ihf_give_up_deliveries(hub_ids, maximum);
    end if;
  end if;
  return null;
end $$;
create trigger queue_deliveries after insert on webhook_messages
  referencing new table as messages for each statement execute function ihf_queue_deliveries();

create function ihf_create_event_messages() returns trigger language plpgsql as $$
declare
  subscribed uuid[];
begin
  -- The usual case, no subscription in the whole installation, costs one lookup.
  if not exists (select from webhook_subscriptions where status in ('active', 'paused')) then
    return null;
  end if;
  -- Once for each hub, not for each event.
  subscribed := array(select hub_id from (select distinct hub_id from events) as hub
    where ihf_has_subscription(hub_id, 'interaction.recorded'));
  if subscribed = '{}' then
    return null;
  end if;
  insert into webhook_messages (hub_id, topic, widget_id, data)
  select hub_id, 'interaction.recorded', widget_id, json_build_object(
    'id', id, 'hub_id', hub_id, 'widget_id', widget_id, 'event_type', event_type,
    'occurred_at', ihf_json_time(occurred_at), 'recorded_at', ihf_json_time(recorded_at),
    'actor_id', actor_id, 'session_id', session_id, 'properties', properties)
  from (select * from events where hub_id = any (subscribed) order by id) as event;
  return null;
end $$;
create trigger create_messages after insert on interaction_events
  referencing new table as events for each statement execute function ihf_create_event_messages();

create function ihf_create_widget_message() returns trigger language plpgsql as $$
begin
  insert into webhook_messages (hub_id, topic, widget_id, data)
  select new.hub_id, 'widget.registered', new.id, json_build_object(
    'id', new.id, 'hub_id', new.hub_id, 'key', new.key, 'widget_type', new.widget_type, 'name', new.name,
    'description', new.description, 'attributes', new.attributes,
    'created_at', ihf_json_time(new.created_at), 'updated_at', ihf_json_time(new.updated_at))
  where ihf_has_subscription(new.hub_id, 'widget.registered');
  return null;
end $$;
create trigger create_message after insert on widgets for each row execute function ihf_create_widget_message();

create function ihf_create_annotation_message() returns trigger language plpgsql as $$
declare
  message_topic text := case tg_op when 'INSERT' then 'annotation.created' else 'annotation.resolved' end;
begin
  insert into webhook_messages (hub_id, topic, widget_id, data)
  select new.hub_id, message_topic, new.widget_id, json_build_object(
    'id', new.id, 'hub_id', new.hub_id, 'widget_id', new.widget_id, 'event_id', new.event_id,
    'category', new.category, 'body', new.body, 'author', new.author, 'status', new.status,
    'created_at', ihf_json_time(new.created_at), 'resolved_at', ihf_json_time(new.resolved_at),
    'resolved_by', new.resolved_by, 'resolution', new.resolution)
  where ihf_has_subscription(new.hub_id, message_topic);
  return null;
end $$;
create trigger create_message after insert on annotations
  for each row execute function ihf_create_annotation_message();
create trigger create_resolution_message after update of status on annotations
  for each row when (old.status = 'open' and new.status = 'resolved') execute function ihf_create_annotation_message();

create function ihf_create_manifest_message() returns trigger language plpgsql as $$
begin
  insert into webhook_messages (hub_id, topic, data)
  select new.hub_id, 'manifest.status_changed', json_build_object(
    'id', new.id, 'hub_id', new.hub_id, 'name', new.name, 'status', new.status, 'previous_status', old.status,
    'status_changed_at', ihf_json_time(new.status_changed_at))
  where ihf_has_subscription(new.hub_id, 'manifest.status_changed');
  return null;
end $$;
create trigger create_message after update of status on hub_capability_manifests
  for each row when (old.status is distinct from new.status) execute function ihf_create_manifest_message();

-- A revision concerns every hub: each with a subscription on it gets a message of its own. The changes themselves are
-- computed by codegen, and added when the message is sent.
create function ihf_create_revision_messages() returns trigger language plpgsql as $$
begin
  insert into webhook_messages (hub_id, topic, data)
  select id, 'contract.revised', json_build_object(
    'revision', new.revision, 'committed_at', ihf_json_time(new.committed_at),
    -- Not its name: a hub must not see the operators and the other hubs.
    'committed_by', case when new.document_changes is null then 'operator' else 'release' end)
  from hubs where ihf_has_subscription(id, 'contract.revised');
  return null;
end $$;
create trigger create_messages after insert on contract_revisions
  for each row execute function ihf_create_revision_messages();
