-- Secrets are stored only as SHA-256 hashes. They are 256 random bits, which cannot be guessed, so that a fast hash is as
-- safe as a slow one.
create table api_scopes (
  name text primary key check (name ~ '^hub:[a-z]+:(read|write)$'),
  description text not null
);
insert into api_scopes (name, description) values
  ('hub:widgets:read', 'Read the widgets of the hub.'),
  ('hub:widgets:write', 'Create and update widgets.'),
  ('hub:interactions:read', 'Read interaction events.'),
  ('hub:interactions:write', 'Report interaction events.'),
  ('hub:annotations:read', 'Read annotations.'),
  ('hub:annotations:write', 'Create and resolve annotations.'),
  ('hub:webhooks:read', 'Read webhook subscriptions and their deliveries.'),
  ('hub:webhooks:write', 'Create and update webhook subscriptions.'),
  ('hub:registries:read', 'Read the registries and the revisions of the contract.');

-- The scopes that a hub declares. Write scopes are granted and honored only while the manifest is active.
create table hub_capability_manifests (
  hub_id uuid not null references hubs (id),
  id uuid default ihf_uuidv7(),
  name text not null check (length(name) between 1 and 200) constraint name_is_plain_text check (ihf_is_plain_text(name)),
  status text not null default 'draft' check (status in ('draft', 'active', 'suspended', 'retired')),
  created_at timestamptz not null generated always as (ihf_uuidv7_time(id)) stored,
  status_changed_at timestamptz not null default now(),
  primary key (hub_id, id)
);
create unique index one_active_manifest on hub_capability_manifests (hub_id) where status = 'active';
create table manifest_scopes (
  hub_id uuid not null,
  manifest_id uuid not null,
  scope text not null references api_scopes (name),
  primary key (hub_id, manifest_id, scope),
  foreign key (hub_id, manifest_id) references hub_capability_manifests (hub_id, id)
);

create function ihf_check_manifest_status() returns trigger language plpgsql as $$
begin
  if old.status = 'retired' and new.status <> 'retired' then
    raise exception 'A retired manifest cannot become % again', new.status using errcode = 'IH002',
      table = tg_table_name, column = 'status', detail = old.name, hint = 'Create a new manifest.';
  end if;
  if new.status = 'draft' and old.status <> 'draft' then
    raise exception 'A manifest that has been active cannot become a draft again' using errcode = 'IH002',
      table = tg_table_name, column = 'status', detail = old.name, hint = 'Suspend it instead.';
  end if;
  new.status_changed_at := now();
  return new;
end $$;
create trigger check_status before update on hub_capability_manifests
  for each row when (old.status is distinct from new.status) execute function ihf_check_manifest_status();

-- A client program. Its id is its OAuth 2.0 client id.
create table api_consumers (
  hub_id uuid not null references hubs (id),
  id uuid default ihf_uuidv7(),
  manifest_id uuid,
  name text not null check (length(name) between 1 and 200) constraint name_is_plain_text check (ihf_is_plain_text(name)),
  created_at timestamptz not null generated always as (ihf_uuidv7_time(id)) stored,
  disabled_at timestamptz,
  -- Requests per minute, and items per UTC day. Null is the default of the server.
  rate_per_minute integer check (rate_per_minute >= 0),
  daily_quota bigint check (daily_quota >= 0),
  primary key (hub_id, id),
  constraint consumer_name_in_hub unique (hub_id, name),
  constraint manifest_of_own_hub foreign key (hub_id, manifest_id) references hub_capability_manifests (hub_id, id)
);
-- The scopes that the consumer's keys and tokens can be granted at most.
create table consumer_scopes (
  hub_id uuid not null,
  consumer_id uuid not null,
  scope text not null references api_scopes (name),
  primary key (hub_id, consumer_id, scope),
  foreign key (hub_id, consumer_id) references api_consumers (hub_id, id)
);

create table api_keys (
  hub_id uuid not null,
  id uuid default ihf_uuidv7(),
  consumer_id uuid not null,
  key_hash bytea not null unique check (length(key_hash) = 32),
  -- Enough to tell keys apart, too little to use one.
  key_prefix text not null,
  name text not null default '' constraint name_is_plain_text check (ihf_is_plain_text(name)),
  created_at timestamptz not null generated always as (ihf_uuidv7_time(id)) stored,
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz,
  replaced_by uuid,
  primary key (hub_id, id),
  foreign key (hub_id, consumer_id) references api_consumers (hub_id, id),
  foreign key (hub_id, replaced_by) references api_keys (hub_id, id)
);
create index on api_keys (hub_id, consumer_id, id);
create table api_key_scopes (
  hub_id uuid not null,
  key_id uuid not null,
  scope text not null references api_scopes (name),
  primary key (hub_id, key_id, scope),
  foreign key (hub_id, key_id) references api_keys (hub_id, id)
);

-- The use of each key by hour, so that an operator who rotates a key sees its remaining traffic. Written every few
-- seconds together with the time of the last use, separately from the request log, to keep that writer fast.
create table api_key_usage (
  hub_id uuid not null,
  key_id uuid not null,
  hour timestamptz not null,
  requests bigint not null,
  -- The requests received after another key had replaced this one.
  superseded bigint not null,
  -- The client of the last request; null if it was not one of our SDKs.
  sdk text check (sdk in ('typescript', 'python')),
  sdk_revision integer,
  primary key (hub_id, key_id, hour),
  foreign key (hub_id, key_id) references api_keys (hub_id, id)
) with (fillfactor = 70);

-- The OAuth 2.0 client secrets of a consumer: two at a time during a rotation.
create table client_secrets (
  hub_id uuid not null,
  id uuid default ihf_uuidv7(),
  consumer_id uuid not null,
  secret_hash bytea not null unique check (length(secret_hash) = 32),
  secret_prefix text not null,
  created_at timestamptz not null generated always as (ihf_uuidv7_time(id)) stored,
  expires_at timestamptz,
  revoked_at timestamptz,
  primary key (hub_id, id),
  foreign key (hub_id, consumer_id) references api_consumers (hub_id, id)
);
create index on client_secrets (hub_id, consumer_id, id);

create table access_tokens (
  hub_id uuid not null,
  id uuid default ihf_uuidv7(),
  token_hash bytea not null unique check (length(token_hash) = 32),
  consumer_id uuid not null,
  -- A token is valid no longer than the secret that it was issued for.
  secret_id uuid not null,
  issued_at timestamptz not null generated always as (ihf_uuidv7_time(id)) stored,
  expires_at timestamptz not null,
  revoked_at timestamptz,
  primary key (hub_id, id),
  foreign key (hub_id, consumer_id) references api_consumers (hub_id, id),
  foreign key (hub_id, secret_id) references client_secrets (hub_id, id)
);
create index on access_tokens (expires_at);
create table access_token_scopes (
  hub_id uuid not null,
  token_id uuid not null,
  scope text not null references api_scopes (name),
  primary key (hub_id, token_id, scope),
  foreign key (hub_id, token_id) references access_tokens (hub_id, id) on delete cascade
);

-- An operator names these by their id alone, at the command line and in the URLs of the dashboard.
create index on hub_capability_manifests (id);
create index on api_consumers (id);
create index on api_keys (id);

-- Failed client authentications of the last minutes, which slow down further attempts. Of no hub: the client id is as
-- the request sent it, known or not.
create table client_failures (
  id bigint generated always as identity primary key,
  -- Null if the id was not a UUID: it may have been a secret in the wrong place.
  client_id uuid,
  ip_address text not null,
  failed_at timestamptz not null default now()
);
create index on client_failures (client_id, failed_at);
create index on client_failures (ip_address, failed_at);

select ihf_audit_table('hub_capability_manifests', 'id');
select ihf_audit_table('api_consumers', 'id');
select ihf_audit_table('api_keys', 'id');
select ihf_audit_table('client_secrets', 'id');
create trigger audit_added after insert on manifest_scopes referencing new table as changed
  for each statement execute function ihf_audit_scopes('hub_capability_manifests', 'manifest_id');
create trigger audit_removed after delete on manifest_scopes referencing old table as changed
  for each statement execute function ihf_audit_scopes('hub_capability_manifests', 'manifest_id');
create trigger audit_added after insert on consumer_scopes referencing new table as changed
  for each statement execute function ihf_audit_scopes('api_consumers', 'consumer_id');
create trigger audit_removed after delete on consumer_scopes referencing old table as changed
  for each statement execute function ihf_audit_scopes('api_consumers', 'consumer_id');
create trigger audit_added after insert on api_key_scopes referencing new table as changed
  for each statement execute function ihf_audit_scopes('api_keys', 'key_id');

grant select on api_scopes to ihf_app;
grant select, insert, update on hub_capability_manifests, api_consumers, api_keys, client_secrets to ihf_app;
grant select, insert, delete on manifest_scopes, consumer_scopes, client_failures to ihf_app;
grant select, insert on api_key_scopes to ihf_app;
grant select, insert, update, delete on access_tokens, api_key_usage to ihf_app;
grant select, insert, delete on access_token_scopes to ihf_app;
