-- What happened is a message, stored once in the transaction in which it happened, if anybody listens. A row of the
-- queue is one message on its way to one subscription. Each attempt to deliver it is a row for good.
create table webhook_subscriptions (
  id uuid primary key default ihf_uuidv7(),
  hub_id uuid not null references hubs (id),
  url text not null check (length(url) <= 2000),
  topics text[] not null
    check (topics <@ array['widget.registered', 'interaction.recorded', 'annotation.created', 'annotation.resolved',
      'manifest.status_changed', 'contract.revised'])
    constraint topics_not_empty check (cardinality(topics) between 1 and 6),
  -- Each narrows the topics whose payload has such a word, and leaves the others alone.
  widget_type text references widget_types (name),
  event_type text references event_types (name),
  category text references annotation_categories (name),
  -- First in, first out per widget.
  ordered boolean not null default false,
  max_in_flight smallint not null default 16 check (max_in_flight between 1 and 64),
  rate_per_second smallint check (rate_per_second between 1 and 1000),
  -- When the rate lets the next one go.
  rate_free_at timestamptz not null default now(),
  -- A deleted one stays for the sake of its attempts.
  status text not null default 'active' check (status in ('active', 'paused', 'ended', 'deleted')),
  status_reason text check (status_reason in ('owner', 'failing', 'gone')),
  status_changed_at timestamptz not null default now(),
  -- Since when no attempt has succeeded; null while the last one did.
  failing_since timestamptz,
  -- AES-256-GCM under the key of the configuration.
  keys bytea not null,
  previous_keys bytea,
  previous_keys_until timestamptz,
  public_key text,
  created_at timestamptz not null generated always as (ihf_uuidv7_time(id)) stored,
  constraint inactive_has_reason check ((status = 'active') = (status_reason is null)),
  constraint previous_keys_end check ((previous_keys is null) = (previous_keys_until is null))
);
create index on webhook_subscriptions (hub_id, id);
create index webhook_listeners on webhook_subscriptions (hub_id) where status in ('active', 'paused');

-- Partitioned by day. No foreign key leads here: a day is dropped as a whole.
create table webhook_messages (
  id uuid primary key default ihf_uuidv7(),
  -- Null: it concerns every hub.
  hub_id uuid references hubs (id),
  topic text not null
    check (topic in ('widget.registered', 'interaction.recorded', 'annotation.created', 'annotation.resolved',
      'manifest.status_changed', 'contract.revised', 'webhook.test')),
  widget_id uuid,
  -- json, not jsonb: what is sent is what was written, byte by byte, at every attempt.
  data json not null,
  created_at timestamptz not null generated always as (ihf_uuidv7_time(id)) stored
) partition by range (id);
create index on webhook_messages (hub_id, id);

create table webhook_queue (
  subscription_id uuid not null references webhook_subscriptions (id),
  message_id uuid not null,
  -- Of one lane, one is under way at a time, the oldest message first. Null: no order.
  lane uuid,
  -- Infinity: it waits behind another of its lane.
  due_at timestamptz not null default now(),
  attempts smallint not null default 0,
  leased_by integer,
  leased_until timestamptz,
  primary key (subscription_id, message_id),
  constraint lease_is_whole check ((leased_by is null) = (leased_until is null))
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.1);
create index webhook_queue_due on webhook_queue (subscription_id, due_at, message_id) where leased_by is null;
create index webhook_queue_leased on webhook_queue (subscription_id) where leased_by is not null;
create index webhook_queue_lanes on webhook_queue (subscription_id, lane, message_id) where lane is not null;

-- Append-only and partitioned by day: one row an attempt.
create table webhook_deliveries (
  id uuid primary key default ihf_uuidv7(),
  subscription_id uuid not null references webhook_subscriptions (id),
  message_id uuid not null,
  attempt smallint not null,
  ended_at timestamptz not null generated always as (ihf_uuidv7_time(id)) stored,
  duration_ms integer not null,
  succeeded boolean not null,
  -- Null where no response came.
  status_code smallint,
  error text,
  response text not null,
  constraint failed_has_error check (succeeded = (error is null))
) partition by range (id);
create index on webhook_deliveries (subscription_id, id);
create index on webhook_deliveries (message_id, subscription_id) where succeeded;

-- Everything since a date that never arrived is queued again, piece by piece.
create table webhook_recoveries (
  id uuid primary key default ihf_uuidv7(),
  subscription_id uuid not null references webhook_subscriptions (id),
  since timestamptz not null,
  -- The messages after this one are still to be looked at; those after `until_id` are queued anyway.
  position_id uuid not null,
  until_id uuid not null,
  queued integer not null default 0,
  created_at timestamptz not null generated always as (ihf_uuidv7_time(id)) stored,
  finished_at timestamptz
);
create index on webhook_recoveries (subscription_id, id);

create trigger append_only before update or delete on webhook_messages
  for each row execute function ihf_append_only();
create trigger append_only before update or delete on webhook_deliveries
  for each row execute function ihf_append_only();
create trigger append_only_truncate before truncate on webhook_messages
  for each statement execute function ihf_append_only();
create trigger append_only_truncate before truncate on webhook_deliveries
  for each statement execute function ihf_append_only();
alter table webhook_messages enable always trigger append_only, enable always trigger append_only_truncate;
alter table webhook_deliveries enable always trigger append_only, enable always trigger append_only_truncate;

-- Makes the partitions from yesterday to so many days ahead, and drops those that are older than is kept.
create function ihf_turn_webhook_partitions(days_ahead integer, days_kept integer) returns void
language plpgsql security definer set search_path = public, pg_temp set timezone = 'UTC' as $$
declare
  parent text;
  day date;
  name text;
begin
  perform pg_advisory_xact_lock(hashtext('ihf_turn_webhook_partitions'));
  foreach parent in array array['webhook_messages', 'webhook_deliveries'] loop
    for day in select generate_series(current_date - 1, current_date + days_ahead, interval '1 day') loop
      name := format('%s_%s', parent, to_char(day, 'YYYY_MM_DD'));
      if to_regclass(name) is null then
        execute format('create table %I partition of %I for values from (%L) to (%L)',
          name, parent, ihf_uuidv7_floor(day), ihf_uuidv7_floor(day + 1));
        -- Triggers on truncate are not inherited.
        execute format('create trigger append_only_truncate before truncate on %I
          for each statement execute function ihf_append_only()', name);
        execute format('alter table %I enable always trigger append_only_truncate', name);
      end if;
    end loop;
    for name in
      select relname from pg_inherits join pg_class on pg_class.oid = inhrelid
      where inhparent = parent::regclass and right(relname, 10) < to_char(current_date - days_kept, 'YYYY_MM_DD')
    loop
      execute format('drop table %I', name);
    end loop;
  end loop;
  delete from webhook_queue where message_id < ihf_uuidv7_floor(current_date - days_kept);
end $$;
select ihf_turn_webhook_partitions(3, 30);

-- Times as the API writes them.
create function ihf_json_time(at timestamptz) returns text language sql stable parallel safe
  return (to_json(at at time zone 'utc') #>> '{}') || 'Z';

-- Whether a subscription wants a message of its own hub or of all.
create function ihf_webhook_wants(subscription webhook_subscriptions, topic text, widget_id uuid, data json)
returns boolean language sql stable
  return topic = any (subscription.topics)
    and (subscription.event_type is null or topic <> 'interaction.recorded'
      or data ->> 'event_type' = subscription.event_type)
    and (subscription.category is null or topic not in ('annotation.created', 'annotation.resolved')
      or data ->> 'category' = subscription.category)
    and (subscription.widget_type is null or widget_id is null
      or subscription.widget_type = (select widgets.widget_type from widgets where widgets.id = widget_id));

-- Of a lane are the messages of one widget, or of no widget.
create function ihf_webhook_lane(subscription webhook_subscriptions, widget_id uuid) returns uuid
language sql immutable
  return case when subscription.ordered then coalesce(widget_id, subscription.id) end;

-- A message that was not stored for want of a listener is not missed: whoever subscribes later hears of what is later.
create function ihf_is_listened_to(hub uuid, topic text) returns boolean language sql stable
  return exists (select from webhook_subscriptions
    where status in ('active', 'paused') and (hub is null or hub_id = hub) and topic = any (topics));

create function ihf_queue_messages() returns trigger language plpgsql as $$
begin
  insert into webhook_queue (subscription_id, message_id, lane)
  select subscription.id, message.id, ihf_webhook_lane(subscription, message.widget_id)
  from messages as message
  join webhook_subscriptions as subscription
    on subscription.hub_id = coalesce(message.hub_id, subscription.hub_id) and subscription.status in ('active', 'paused')
  where ihf_webhook_wants(subscription, message.topic, message.widget_id, message.data);
  return null;
end $$;
create trigger queue_messages after insert on webhook_messages
  referencing new table as messages for each statement execute function ihf_queue_messages();

create function ihf_announce_events() returns trigger language plpgsql as $$
begin
  -- Nobody listens in the whole installation: the usual case costs one look.
  if not exists (select from webhook_subscriptions where status in ('active', 'paused')) then
    return null;
  end if;
  insert into webhook_messages (hub_id, topic, widget_id, data)
  select hub_id, 'interaction.recorded', widget_id, json_build_object(
    'id', id, 'hub_id', hub_id, 'widget_id', widget_id, 'event_type', event_type,
    'occurred_at', ihf_json_time(occurred_at), 'recorded_at', ihf_json_time(recorded_at),
    'actor_id', actor_id, 'session_id', session_id, 'properties', properties)
  from (select * from events where ihf_is_listened_to(hub_id, 'interaction.recorded') order by id) as event;
  return null;
end $$;
create trigger announce after insert on interaction_events
  referencing new table as events for each statement execute function ihf_announce_events();

create function ihf_announce_widget() returns trigger language plpgsql as $$
begin
  insert into webhook_messages (hub_id, topic, widget_id, data)
  select new.hub_id, 'widget.registered', new.id, json_build_object(
    'id', new.id, 'hub_id', new.hub_id, 'key', new.key, 'widget_type', new.widget_type, 'name', new.name,
    'description', new.description, 'attributes', new.attributes,
    'created_at', ihf_json_time(new.created_at), 'updated_at', ihf_json_time(new.updated_at))
  where ihf_is_listened_to(new.hub_id, 'widget.registered');
  return null;
end $$;
create trigger announce after insert on widgets for each row execute function ihf_announce_widget();

create function ihf_announce_annotation() returns trigger language plpgsql as $$
declare
  happened text := case tg_op when 'INSERT' then 'annotation.created' else 'annotation.resolved' end;
begin
  insert into webhook_messages (hub_id, topic, widget_id, data)
  select new.hub_id, happened, new.widget_id, json_build_object(
    'id', new.id, 'hub_id', new.hub_id, 'widget_id', new.widget_id, 'event_id', new.event_id,
    'category', new.category, 'body', new.body, 'author', new.author, 'status', new.status,
    'created_at', ihf_json_time(new.created_at), 'resolved_at', ihf_json_time(new.resolved_at),
    'resolved_by', new.resolved_by, 'resolution', new.resolution)
  where ihf_is_listened_to(new.hub_id, happened);
  return null;
end $$;
create trigger announce after insert on annotations for each row execute function ihf_announce_annotation();
create trigger announce_resolution after update of status on annotations
  for each row when (old.status = 'open' and new.status = 'resolved') execute function ihf_announce_annotation();

create function ihf_announce_manifest() returns trigger language plpgsql as $$
begin
  insert into webhook_messages (hub_id, topic, data)
  select new.hub_id, 'manifest.status_changed', json_build_object(
    'id', new.id, 'hub_id', new.hub_id, 'name', new.name, 'status', new.status, 'previous_status', old.status,
    'status_changed_at', ihf_json_time(new.status_changed_at))
  where ihf_is_listened_to(new.hub_id, 'manifest.status_changed');
  return null;
end $$;
create trigger announce after update of status on hub_capability_manifests
  for each row when (old.status is distinct from new.status) execute function ihf_announce_manifest();

-- What a revision changed is told by codegen, and so added when the message is sent.
create function ihf_announce_revision() returns trigger language plpgsql as $$
begin
  insert into webhook_messages (topic, data)
  select 'contract.revised', json_build_object(
    'revision', new.revision, 'committed_at', ihf_json_time(new.committed_at), 'committed_by', new.committed_by)
  where ihf_is_listened_to(null, 'contract.revised');
  return null;
end $$;
create trigger announce after insert on contract_revisions for each row execute function ihf_announce_revision();

revoke execute on function ihf_turn_webhook_partitions(integer, integer) from public;
grant execute on function ihf_turn_webhook_partitions(integer, integer) to ihf_app;
grant select, insert, update on webhook_subscriptions, webhook_recoveries to ihf_app;
grant select, insert on webhook_messages, webhook_deliveries to ihf_app;
grant select, insert, update, delete on webhook_queue to ihf_app;
