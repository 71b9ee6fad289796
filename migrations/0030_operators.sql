-- Those who run the hub by its dashboard, and what was changed by whatever hand.
create table operators (
  id uuid primary key default ihf_uuidv7(),
  name text not null constraint operators_name_key unique check (name ~ '^[a-z0-9][a-z0-9._-]{0,62}$'),
  -- In the PHC format, which names its own parameters. Null until the operator has chosen a password.
  password_hash text check (password_hash like '$argon2id$%'),
  password_set_at timestamptz,
  created_at timestamptz not null generated always as (ihf_uuidv7_time(id)) stored,
  disabled_at timestamptz,
  check ((password_hash is null) = (password_set_at is null))
);

-- One-time links to choose a password, and sessions. The browser has the token, the database its SHA-256: 256 bits of
-- the system's generator, which no guessing reaches.
create table operator_links (
  token_hash bytea primary key check (length(token_hash) = 32),
  operator_id uuid not null references operators (id),
  expires_at timestamptz not null
);
create table operator_sessions (
  token_hash bytea primary key check (length(token_hash) = 32),
  operator_id uuid not null references operators (id),
  seen_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index on operator_sessions (operator_id);

-- Attempts to sign in of the last minutes, by which further ones are slowed down.
create table operator_attempts (
  id bigint generated always as identity primary key,
  name text not null check (length(name) <= 200),
  address text not null,
  made_at timestamptz not null default now()
);
create index on operator_attempts (address, made_at);
create index on operator_attempts (name, made_at);

create table audit_log (
  id uuid primary key default ihf_uuidv7(),
  made_at timestamptz not null generated always as (ihf_uuidv7_time(id)) stored,
  actor text not null,
  action text not null check (action in
    ('added', 'changed', 'removed', 'signed_in', 'signed_out', 'tested', 'redelivered', 'recovered')),
  -- The table of what was changed, and its key.
  subject_type text not null check (subject_type in
    ('operators', 'hubs', 'hub_capability_manifests', 'api_consumers', 'api_keys', 'client_secrets',
     'annotation_categories', 'event_types', 'widget_types', 'webhook_subscriptions')),
  subject text not null,
  -- The difference alone.
  before jsonb not null default '{}',
  after jsonb not null default '{}'
);
create index on audit_log (subject_type, subject, id);

create trigger append_only before update or delete on audit_log for each row execute function ihf_append_only();
create trigger append_only_truncate before truncate on audit_log for each statement execute function ihf_append_only();
alter table audit_log enable always trigger append_only, enable always trigger append_only_truncate;

-- Whoever makes changes says so in `ihf.actor`; otherwise it is whoever connected.
create function ihf_actor() returns text language sql stable
  return coalesce(nullif(current_setting('ihf.actor', true), ''), session_user);

-- Written by triggers, so that the dashboard, the command line and a hand in psql leave the same trace. The argument is
-- the column of the key. What is secret, and what moves without anybody's doing, is in no difference.
create function ihf_audit() returns trigger
language plpgsql security definer set search_path = public, pg_temp set timezone = 'UTC' as $$
declare
  unsaid constant text[] := array['id', 'created_at', 'updated_at', 'last_used_at', 'status_changed_at', 'password_hash',
    'key_hash', 'secret_hash', 'keys', 'previous_keys', 'rate_free_at', 'failing_since'];
  present jsonb := to_jsonb(new);
  past jsonb := case when tg_op = 'UPDATE' then to_jsonb(old) - unsaid else '{}' end;
  before jsonb;
  after jsonb;
begin
  select coalesce(jsonb_object_agg(key, value) filter (where value <> 'null'), '{}') into before
    from jsonb_each(past) where value <> present -> key;
  select coalesce(jsonb_object_agg(key, value) filter (where value <> 'null' or past ? key), '{}') into after
    from jsonb_each(present - unsaid) where value is distinct from past -> key;
  if after <> '{}' then
    insert into audit_log (actor, action, subject_type, subject, before, after)
    values (ihf_actor(), case tg_op when 'INSERT' then 'added' else 'changed' end, tg_table_name,
      present ->> tg_argv[0], before, after);
  end if;
  return null;
end $$;

-- The scopes of something are one change, however many there are. The arguments: the table they belong to, its key.
create function ihf_audit_scopes() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  execute format('insert into audit_log (actor, action, subject_type, subject, %I)
      select ihf_actor(), ''changed'', %L, %I, jsonb_build_object(''scopes'', jsonb_agg(scope order by scope))
      from moved group by %3$I',
    case tg_op when 'INSERT' then 'after' else 'before' end, tg_argv[0], tg_argv[1]);
  return null;
end $$;

do $$
declare
  audited text;
begin
  foreach audited in array array['operators', 'hubs', 'hub_capability_manifests', 'api_consumers', 'api_keys', 'client_secrets'] loop
    execute format('create trigger audit after insert or update on %I for each row execute function ihf_audit(''id'')', audited);
  end loop;
  foreach audited in array array['annotation_categories', 'event_types', 'widget_types'] loop
    execute format('create trigger audit after insert or update on %I for each row execute function ihf_audit(''name'')', audited);
  end loop;
end $$;
-- Workers write to this table all the time: only what somebody decided is looked at.
create trigger audit after insert
  or update of url, topics, widget_type, event_type, category, ordered, max_in_flight, rate_per_second, status, keys
  on webhook_subscriptions for each row execute function ihf_audit('id');

create trigger audit_added after insert on manifest_scopes referencing new table as moved
  for each statement execute function ihf_audit_scopes('hub_capability_manifests', 'manifest_id');
create trigger audit_removed after delete on manifest_scopes referencing old table as moved
  for each statement execute function ihf_audit_scopes('hub_capability_manifests', 'manifest_id');
create trigger audit_added after insert on consumer_scopes referencing new table as moved
  for each statement execute function ihf_audit_scopes('api_consumers', 'consumer_id');
create trigger audit_removed after delete on consumer_scopes referencing old table as moved
  for each statement execute function ihf_audit_scopes('api_consumers', 'consumer_id');
create trigger audit_added after insert on api_key_scopes referencing new table as moved
  for each statement execute function ihf_audit_scopes('api_keys', 'key_id');

grant select, insert, update on operators to ihf_app;
grant select, insert, delete on operator_links, operator_attempts to ihf_app;
grant select, insert, update, delete on operator_sessions to ihf_app;
grant select, insert on audit_log to ihf_app;
