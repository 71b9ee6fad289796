-- The stored responses of requests with an Idempotency-Key, kept for 24 hours. Keys belong to the consumer that chose them.
create table idempotency_keys (
  hub_id uuid not null,
  consumer_id uuid not null,
  key text not null,
  -- SHA-256 of the method, the path and the body: two requests with the same fingerprint are the same.
  fingerprint bytea not null,
  status smallint not null,
  headers jsonb not null,
  body text not null,
  created_at timestamptz not null default now(),
  primary key (hub_id, consumer_id, key),
  foreign key (hub_id, consumer_id) references api_consumers (hub_id, id)
);
create index on idempotency_keys (created_at);

grant select, insert, update, delete on idempotency_keys to ihf_app;
