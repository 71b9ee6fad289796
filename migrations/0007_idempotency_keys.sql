-- The stored answers of creations that carried an Idempotency-Key, kept for 24 hours.
create table idempotency_keys (
  key text primary key,
  -- SHA-256 of what makes two requests the same: method, path and body.
  fingerprint bytea not null,
  status smallint not null,
  headers jsonb not null,
  body text not null,
  created_at timestamptz not null default now()
);
create index on idempotency_keys (created_at);

grant select, insert, delete on idempotency_keys to ihf_app;
