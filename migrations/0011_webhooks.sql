-- A message is stored once, in the transaction of the change that it reports, if the hub has a subscription on its topic.
-- A row of the queue is a delivery that is due: one message for one subscription. Each attempt is a permanent row.

-- The limits of the installation, in one row.
create table webhook_limits (
  scope text primary key default 'installation' check (scope = 'installation'),
  -- Of those that have not ended: it also limits into how many deliveries one message fans out.
  subscriptions_per_hub integer not null default 50
    constraint subscriptions_per_hub_in_range check (subscriptions_per_hub between 1 and 1000),
  -- The oldest messages beyond it are given up.
  queued_per_subscription integer not null default 100000
    constraint queued_per_subscription_in_range check (queued_per_subscription between 100 and 10000000)
);
insert into webhook_limits default values;
select ihf_audit_table('webhook_limits', 'scope');

-- A known value, encrypted under the secret key of the installation: each start checks its key with it.
create table secret_key_check (
  scope text primary key default 'installation' check (scope = 'installation'),
  sealed bytea not null
);

create table webhook_subscriptions (
  hub_id uuid not null references hubs (id),
  id uuid default ihf_uuidv7(),
  url text not null check (length(url) <= 2000) constraint url_is_plain_text check (ihf_is_plain_text(url)),
  topics text[] not null
    check (topics <@ array['widget.registered', 'interaction.recorded', 'annotation.created', 'annotation.resolved',
      'manifest.status_changed', 'contract.revised'])
    constraint topics_not_empty check (cardinality(topics) between 1 and 6),
  -- First in, first out per widget.
  ordered boolean not null default false,
  max_in_flight smallint not null default 16 check (max_in_flight between 1 and 64),
  rate_per_second smallint check (rate_per_second between 1 and 1000),
  -- When the rate allows the next delivery.
  rate_free_at timestamptz not null default now(),
  -- A deleted subscription stays, because its attempts refer to it.
  status text not null default 'active' check (status in ('active', 'paused', 'ended', 'deleted')),
  status_reason text check (status_reason in ('owner', 'failing', 'gone')),
  status_changed_at timestamptz not null default now(),
  -- The time of the first failure since the last success; null if the last attempt succeeded.
  failing_since timestamptz,
  -- How many queued messages were given up because of the limit, and when the last time was.
  given_up bigint not null default 0,
  given_up_at timestamptz,
  -- The signing keys, encrypted with AES-256-GCM under the configured key.
  keys bytea not null,
  previous_keys bytea,
  previous_keys_until timestamptz,
  public_key text,
  created_at timestamptz not null generated always as (ihf_uuidv7_time(id)) stored,
  primary key (hub_id, id),
  constraint inactive_has_reason check ((status = 'active') = (status_reason is null)),
  constraint previous_keys_expire check ((previous_keys is null) = (previous_keys_until is null))
);
-- An operator names a subscription by its id alone.
create index on webhook_subscriptions (id);
create index on webhook_subscriptions (hub_id, id) where status <> 'deleted';
create index webhook_subscriptions_open on webhook_subscriptions (hub_id) where status in ('active', 'paused');

create function ihf_limit_subscriptions() returns trigger language plpgsql as $$
declare
  maximum integer := (select subscriptions_per_hub from webhook_limits);
begin
  -- One at a time for each hub, so that the count is right.
  perform pg_advisory_xact_lock(hashtextextended('webhook_subscriptions ' || new.hub_id, 0));
  if (select count(*) from webhook_subscriptions
      where hub_id = new.hub_id and status in ('active', 'paused')) >= maximum then
    raise 'The hub has % webhook subscriptions, the maximum', maximum using errcode = 'IH002',
      hint = 'Delete one that is no longer needed, or ask the operator to raise the limit.';
  end if;
  return new;
end $$;
create trigger limit_subscriptions before insert on webhook_subscriptions
  for each row execute function ihf_limit_subscriptions();

-- Partitioned by day. No foreign key refers to it, so that whole days can be dropped.
create table webhook_messages (
  hub_id uuid not null references hubs (id),
  id uuid default ihf_uuidv7(),
  topic text not null
    check (topic in ('widget.registered', 'interaction.recorded', 'annotation.created', 'annotation.resolved',
      'manifest.status_changed', 'contract.revised', 'webhook.test')),
  widget_id uuid,
  -- json, not jsonb: every attempt sends the same bytes.
  data json not null,
  created_at timestamptz not null generated always as (ihf_uuidv7_time(id)) stored,
  primary key (hub_id, id)
) partition by range (id);

create table webhook_queue (
  hub_id uuid not null,
  subscription_id uuid not null,
  message_id uuid not null,
  -- Of the deliveries with the same key, one is in flight at a time, the oldest message first. Null: no order.
  ordering_key uuid,
  -- Infinity: waits for an older delivery with the same ordering key.
  due_at timestamptz not null default now(),
  attempts smallint not null default 0,
  -- The number of the worker that is making an attempt. When its session ends, it has a few seconds to continue under
  -- another number.
  leased_by integer,
  leased_until timestamptz,
  -- Names the lease: the result of an attempt counts for the lease under which it was made, and for no later one. It
  -- stays when a lease ends without a result, because the result may still arrive.
  lease_id bigint,
  -- A redelivery ('always') or recovery ('on_failure') was requested since the last lease began: an attempt that ends
  -- now was made before the request, and must not remove the row. The next lease clears it.
  requeue text check (requeue in ('always', 'on_failure')),
  primary key (hub_id, subscription_id, message_id),
  foreign key (hub_id, subscription_id) references webhook_subscriptions (hub_id, id),
  constraint lease_is_complete
    check ((leased_by is null) = (leased_until is null) and (leased_by is null or lease_id is not null))
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.1);
create index webhook_queue_due on webhook_queue (hub_id, subscription_id, due_at, message_id) where leased_by is null;
create index webhook_queue_leased on webhook_queue (hub_id, subscription_id) where leased_by is not null;
create index webhook_queue_ordered on webhook_queue (hub_id, subscription_id, ordering_key, message_id)
  where ordering_key is not null;

-- One row per attempt; append-only and partitioned by day.
create table webhook_attempts (
  hub_id uuid not null,
  id uuid default ihf_uuidv7(),
  subscription_id uuid not null,
  message_id uuid not null,
  attempt smallint not null,
  ended_at timestamptz not null generated always as (ihf_uuidv7_time(id)) stored,
  duration_ms integer not null,
  succeeded boolean not null,
  -- Null if there was no response.
  status_code smallint,
  error text,
  -- The beginning of the response body.
  response text not null,
  -- Where the request went: the subscription's URL may change later.
  url text,
  -- Objects of strings by header name; null if no request was sent. The request body is in the message.
  request_headers jsonb,
  response_headers jsonb,
  -- Recognizes an attempt whose record is written again, because the response to the first write was lost.
  lease_id bigint,
  primary key (hub_id, id),
  foreign key (hub_id, subscription_id) references webhook_subscriptions (hub_id, id),
  constraint failed_has_error check (succeeded = (error is null))
) partition by range (id);
-- The list without a filter reads a page of both.
create index on webhook_attempts (hub_id, subscription_id, id) where succeeded;
create index on webhook_attempts (hub_id, subscription_id, id) where not succeeded;
create index on webhook_attempts (hub_id, message_id, subscription_id, succeeded, id);

-- Jobs that queue all undelivered messages since a time again, batch by batch.
create table webhook_recoveries (
  hub_id uuid not null,
  id uuid default ihf_uuidv7(),
  subscription_id uuid not null,
  since timestamptz not null,
  -- The messages after `position_id` are still to be processed; those after `until_id` were queued when they were stored.
  position_id uuid not null,
  until_id uuid not null,
  queued integer not null default 0,
  created_at timestamptz not null generated always as (ihf_uuidv7_time(id)) stored,
  finished_at timestamptz,
  primary key (hub_id, id),
  foreign key (hub_id, subscription_id) references webhook_subscriptions (hub_id, id)
);
create index on webhook_recoveries (hub_id, subscription_id, id);

create trigger append_only before update or delete on webhook_messages
  for each row execute function ihf_reject_change();
create trigger append_only before update or delete on webhook_attempts
  for each row execute function ihf_reject_change();
create trigger append_only_truncate before truncate on webhook_messages
  for each statement execute function ihf_reject_change();
create trigger append_only_truncate before truncate on webhook_attempts
  for each statement execute function ihf_reject_change();
alter table webhook_messages enable always trigger append_only, enable always trigger append_only_truncate;
alter table webhook_attempts enable always trigger append_only, enable always trigger append_only_truncate;

grant select, insert, update on webhook_subscriptions, webhook_recoveries to ihf_app;
grant select, update on webhook_limits to ihf_app;
grant select, insert, update on secret_key_check to ihf_app;
grant select, insert on webhook_messages, webhook_attempts to ihf_app;
grant select, insert, update, delete on webhook_queue to ihf_app;
