-- The people who run the installation.
create table operators (
  id uuid primary key default ihf_uuidv7(),
  name text not null constraint operators_name_key unique check (name ~ '^[a-z0-9][a-z0-9._-]{0,62}$'),
  -- In the PHC format, which includes its parameters. Null until the operator has set a password.
  password_hash text check (password_hash like '$argon2id$%'),
  password_set_at timestamptz,
  created_at timestamptz not null generated always as (ihf_uuidv7_time(id)) stored,
  disabled_at timestamptz,
  check ((password_hash is null) = (password_set_at is null))
);

-- One-time links to set a password, and sessions. The browser has the token, the database its SHA-256 hash: a token is
-- 256 random bits, which cannot be guessed.
create table operator_invitations (
  token_hash bytea primary key check (length(token_hash) = 32),
  operator_id uuid not null references operators (id),
  expires_at timestamptz not null
);
create table operator_sessions (
  -- Names the session in the list of the operator's sessions, where its token must not appear.
  id uuid primary key default ihf_uuidv7(),
  token_hash bytea not null unique check (length(token_hash) = 32),
  operator_id uuid not null references operators (id),
  created_at timestamptz not null generated always as (ihf_uuidv7_time(id)) stored,
  seen_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index on operator_sessions (operator_id);

-- Sign-in attempts of the last minutes, which slow down further attempts.
create table operator_attempts (
  id bigint generated always as identity primary key,
  name text not null check (length(name) <= 200),
  ip_address text not null,
  made_at timestamptz not null default now()
);
create index on operator_attempts (ip_address, made_at);

select ihf_audit_table('operators', 'id');

grant select, insert, update on operators to ihf_app;
grant select, insert, delete on operator_invitations, operator_attempts to ihf_app;
grant select, insert, update, delete on operator_sessions to ihf_app;
