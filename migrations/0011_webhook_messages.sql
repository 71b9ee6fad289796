-- Triggers that store messages and queue their deliveries in the transaction of the change that they report.

-- Times in the format of the API.
create function ihf_json_time(at timestamptz) returns text language sql stable parallel safe
  return (to_json(at at time zone 'utc') #>> '{}') || 'Z';

-- Whether a message of its hub passes the topics and filters of a subscription.
create function ihf_subscription_matches(subscription webhook_subscriptions, topic text, widget_id uuid, data json)
returns boolean language sql stable
  return topic = any (subscription.topics)
    and (subscription.event_type is null or topic <> 'interaction.recorded'
      or data ->> 'event_type' = subscription.event_type)
    and (subscription.category is null or topic not in ('annotation.created', 'annotation.resolved')
      or data ->> 'category' = subscription.category)
    and (subscription.widget_type is null or widget_id is null
      or subscription.widget_type = (select widgets.widget_type from widgets
        where widgets.hub_id = subscription.hub_id and widgets.id = widget_id));

-- An ordered subscription has one key for each widget, and one for messages about no widget.
create function ihf_ordering_key(subscription webhook_subscriptions, widget_id uuid) returns uuid
language sql immutable
  return case when subscription.ordered then coalesce(widget_id, subscription.id) end;

-- A message that no subscription waits for is not stored. It is not undelivered either: a subscription receives what
-- happens after it was created.
create function ihf_has_subscription(hub uuid, topic text) returns boolean language sql stable
  return exists (select from webhook_subscriptions
    where hub_id = hub and status in ('active', 'paused') and topic = any (topics));

-- Queues the deliveries of new messages. A node with a worker offers a lease ("worker lease seconds" in the variable
-- ihf.webhook_lease): it gets the deliveries that are due at once and within the limits, and need not search for them.
create function ihf_queue_deliveries() returns trigger language plpgsql as $$
declare
  offer text[] := string_to_array(nullif(current_setting('ihf.webhook_lease', true), ''), ' ');
  hub_ids uuid[] := array(select distinct hub_id from messages);
  open_ids uuid[];
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

  with matching as (
    select subscription.hub_id, subscription.id as subscription_id, message.id as message_id,
      ihf_ordering_key(subscription, message.widget_id) as ordering_key,
      row_number() over (partition by subscription.hub_id, subscription.id order by message.id) as position,
      row_number() over (partition by subscription.hub_id order by message.id, subscription.id) as position_in_hub
    from messages as message
    join webhook_subscriptions as subscription
      on subscription.hub_id = message.hub_id and subscription.status in ('active', 'paused')
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
    'revision', new.revision, 'committed_at', ihf_json_time(new.committed_at), 'committed_by', new.committed_by)
  from hubs where ihf_has_subscription(id, 'contract.revised');
  return null;
end $$;
create trigger create_messages after insert on contract_revisions
  for each row execute function ihf_create_revision_messages();
