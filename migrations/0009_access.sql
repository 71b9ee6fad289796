-- Who may call. Secrets are stored as SHA-256 alone: they are 256 bits of the system's generator, which no guessing
-- reaches, and a fast hash is then as good as a slow one.
create table api_scopes (
  name text primary key check (name ~ '^hub:[a-z]+:(read|write)$'),
  description text not null
);
insert into api_scopes (name, description) values
  ('hub:widgets:read', 'Read the widgets of the hub.'),
  ('hub:widgets:write', 'Register and change widgets.'),
  ('hub:interactions:read', 'Read interaction events.'),
  ('hub:interactions:write', 'Report interaction events.'),
  ('hub:annotations:read', 'Read annotations.'),
  ('hub:annotations:write', 'Create and resolve annotations.'),
  ('hub:webhooks:read', 'Read webhook subscriptions and their deliveries.'),
  ('hub:webhooks:write', 'Create and change webhook subscriptions.'),
  ('hub:registries:read', 'Read the registries and the revisions of the contract.'),
  ('hub:registries:write', 'Change the registries, and with them the contract.');

-- What a hub has agreed to do. Writing is granted and honoured only while its manifest is active.
create table hub_capability_manifests (
  id uuid primary key default ihf_uuidv7(),
  hub_id uuid not null references hubs (id),
  name text not null check (length(name) between 1 and 200),
  status text not null default 'draft' check (status in ('draft', 'active', 'suspended', 'retired')),
  created_at timestamptz not null generated always as (ihf_uuidv7_time(id)) stored,
  status_changed_at timestamptz not null default now(),
  -- A consumer points at a manifest of its own hub.
  unique (id, hub_id)
);
create unique index one_active_manifest on hub_capability_manifests (hub_id) where status = 'active';
create table manifest_scopes (
  manifest_id uuid not null references hub_capability_manifests (id),
  scope text not null references api_scopes (name),
  primary key (manifest_id, scope)
);

create function ihf_guard_manifest() returns trigger language plpgsql as $$
begin
  if old.status = 'retired' and new.status <> 'retired' then
    raise exception 'A retired manifest stays retired' using errcode = 'IH002', table = tg_table_name,
      column = 'status', detail = old.name, hint = 'Create a new manifest.';
  end if;
  if new.status = 'draft' and old.status <> 'draft' then
    raise exception 'A manifest that was active is no draft any more' using errcode = 'IH002', table = tg_table_name,
      column = 'status', detail = old.name, hint = 'Suspend it instead.';
  end if;
  new.status_changed_at := now();
  return new;
end $$;
create trigger guard before update on hub_capability_manifests
  for each row when (old.status is distinct from new.status) execute function ihf_guard_manifest();

-- Somebody's program. Its id is its OAuth 2.0 client id.
create table api_consumers (
  id uuid primary key default ihf_uuidv7(),
  hub_id uuid not null references hubs (id),
  manifest_id uuid,
  name text not null check (length(name) between 1 and 200),
  created_at timestamptz not null generated always as (ihf_uuidv7_time(id)) stored,
  disabled_at timestamptz,
  constraint consumer_name_in_hub unique (hub_id, name),
  constraint manifest_of_own_hub foreign key (manifest_id, hub_id) references hub_capability_manifests (id, hub_id)
);
-- The most that the consumer's keys and tokens can be granted.
create table consumer_scopes (
  consumer_id uuid not null references api_consumers (id),
  scope text not null references api_scopes (name),
  primary key (consumer_id, scope)
);

create table api_keys (
  id uuid primary key default ihf_uuidv7(),
  consumer_id uuid not null references api_consumers (id),
  key_hash bytea not null unique check (length(key_hash) = 32),
  -- Enough to tell keys apart, too little to use one.
  key_prefix text not null,
  name text not null default '',
  created_at timestamptz not null generated always as (ihf_uuidv7_time(id)) stored,
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz,
  replaced_by uuid references api_keys (id)
);
create index on api_keys (consumer_id, id);
create table api_key_scopes (
  key_id uuid not null references api_keys (id),
  scope text not null references api_scopes (name),
  primary key (key_id, scope)
);

-- The OAuth 2.0 client secrets of a consumer: two at a time while one is rotated.
create table client_secrets (
  id uuid primary key default ihf_uuidv7(),
  consumer_id uuid not null references api_consumers (id),
  secret_hash bytea not null unique check (length(secret_hash) = 32),
  secret_prefix text not null,
  created_at timestamptz not null generated always as (ihf_uuidv7_time(id)) stored,
  expires_at timestamptz,
  revoked_at timestamptz
);
create index on client_secrets (consumer_id, id);

create table access_tokens (
  id uuid primary key default ihf_uuidv7(),
  token_hash bytea not null unique check (length(token_hash) = 32),
  consumer_id uuid not null references api_consumers (id),
  -- A token ends with the secret that it was issued for.
  secret_id uuid not null references client_secrets (id),
  issued_at timestamptz not null generated always as (ihf_uuidv7_time(id)) stored,
  expires_at timestamptz not null,
  revoked_at timestamptz
);
create index on access_tokens (expires_at);
create table access_token_scopes (
  token_id uuid not null references access_tokens (id) on delete cascade,
  scope text not null references api_scopes (name),
  primary key (token_id, scope)
);

-- Failed client authentications of the last minutes, by which further ones are slowed down.
create table client_failures (
  id bigint generated always as identity primary key,
  client_id text not null check (length(client_id) <= 200),
  address text not null,
  failed_at timestamptz not null default now()
);
create index on client_failures (client_id, failed_at);
create index on client_failures (address, failed_at);

-- Idempotency keys belong to the consumer that chose them.
delete from idempotency_keys;
alter table idempotency_keys
  add column consumer_id uuid not null references api_consumers (id),
  drop constraint idempotency_keys_pkey,
  add primary key (consumer_id, key);

grant select on api_scopes to ihf_app;
grant select, insert, update on hub_capability_manifests, api_consumers, api_keys, client_secrets to ihf_app;
grant select, insert, delete on manifest_scopes, consumer_scopes, client_failures to ihf_app;
grant select, insert on api_key_scopes to ihf_app;
grant select, insert, update, delete on access_tokens to ihf_app;
grant select, insert, delete on access_token_scopes to ihf_app;
