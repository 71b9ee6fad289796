-- Credentials of the installation, for programs that change the registries. They belong to no hub and no consumer: what
-- they change concerns all hubs.
create table installation_keys (
  id uuid primary key default ihf_uuidv7(),
  key_hash bytea not null unique check (length(key_hash) = 32),
  key_prefix text not null,
  name text not null check (length(name) between 1 and 200) constraint name_is_plain_text check (ihf_is_plain_text(name)),
  scopes text[] not null check (scopes <@ array['installation:registries:write']),
  created_at timestamptz not null generated always as (ihf_uuidv7_time(id)) stored,
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz,
  constraint installation_key_has_scopes check (cardinality(scopes) > 0)
);
-- Not on updates of last_used_at, which happen without an operator's decision.
select ihf_audit_table('installation_keys', 'id', array['name', 'scopes', 'expires_at', 'revoked_at']);

grant select, insert, update on installation_keys to ihf_app;
