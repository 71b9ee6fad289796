-- The log of all requests to the installation, authenticated or not: one row per request, append-only and partitioned by
-- day, with counts that the same statement updates.

-- The operations of all contracts that have run on this database; the first node that has an operation inserts it. A
-- table, not a CHECK, so that an operation is added in openapi.yaml only. Not the name alone: if an operation moves to
-- another path, the rows before that keep theirs.
create table api_operations (
  id smallint generated always as identity primary key,
  name text not null,
  method text not null check (method in ('get', 'head', 'post', 'put', 'patch', 'delete', 'options', 'trace')),
  path text not null,
  unique (name, method, path)
);

-- No foreign key to api_consumers: it would lock the consumer's row at each request, and the whole table whenever a day
-- is dropped. Consumers are never deleted. No foreign key to api_operations: the counts, which the same statement writes
-- for every row, have one.
create table api_request_log (
  id uuid primary key default ihf_uuidv7(),
  ended_at timestamptz not null generated always as (ihf_uuidv7_time(id)) stored,
  -- Null if the request was not authenticated.
  consumer_id uuid,
  key_prefix text,
  -- Null if the contract does not have the path.
  operation smallint,
  method text not null
    check (method in ('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'OTHER')),
  -- Null if the client disconnected before the response was sent.
  status smallint check (status between 100 and 599),
  duration_us integer not null check (duration_us >= 0),
  -- As counted on the connection, with headers.
  bytes_in bigint not null,
  bytes_out bigint not null,
  request_id text not null,
  revision integer not null,
  sdk text check (sdk in ('typescript', 'python')),
  sdk_revision integer,
  -- The last segment of the problem document's type, if the response was one.
  problem text check (problem in (
    'malformed-request', 'unauthenticated', 'insufficient-scope', 'invalid-request', 'idempotency-key-reused',
    'idempotency-in-flight', 'not-found', 'method-not-allowed', 'already-exists', 'conflict', 'content-too-large',
    'too-many-requests', 'unsupported-media-type', 'not-implemented', 'unavailable', 'internal-error')),
  -- The other members of the problem document, redacted before they are stored.
  problem_details jsonb
) partition by range (id);

create trigger append_only before update or delete on api_request_log
  for each row execute function ihf_reject_change();
create trigger append_only_truncate before truncate on api_request_log
  for each statement execute function ihf_reject_change();
alter table api_request_log enable always trigger append_only, enable always trigger append_only_truncate;

create function ihf_outcome(status smallint) returns text language sql immutable parallel safe
  return case when status is null then 'abandoned' when status < 400 then 'success' when status = 429 then 'limited'
    when status < 500 then 'rejected' else 'failed' end;

-- Durations are counted in 32 classes, two per doubling: the first ends at 256 µs, the last starts at 8.4 s.
create function ihf_duration_class(duration_us integer) returns integer language sql immutable parallel safe
  return greatest(1, least(32, 2 + floor(2 * ln(greatest(duration_us, 1) / 256::double precision) / ln(2::double precision))));

-- The number of requests in each class.
create function ihf_histogram(classes integer[], requests bigint[]) returns integer[] language sql immutable parallel safe
  return (select array_agg(coalesce(counted, 0) order by n)
    from generate_series(1, 32) as n
    left join (select class, sum(count)::integer as counted
      from unnest(classes, requests) as pair (class, count) group by class) as found on class = n);

create function ihf_add_arrays(one integer[], other integer[]) returns integer[] language sql immutable parallel safe
  return (select array_agg(a + b order by n) from unnest(one, other) with ordinality as pair (a, b, n));

-- Counts in buckets of ten minutes: one row for all requests of a consumer, one for all of an operation. One table for
-- both would have consumers times operations rows, too many to add up; so would one row per class.
create table request_counts_by_consumer (
  bucket timestamptz not null,
  consumer_id uuid,
  success bigint not null,
  limited bigint not null,
  rejected bigint not null,
  failed bigint not null,
  abandoned bigint not null,
  durations integer[] not null,
  last_ended_at timestamptz not null
) partition by range (bucket);
create unique index request_counts_by_consumer_key on request_counts_by_consumer
  (bucket, coalesce(consumer_id, '00000000-0000-0000-0000-000000000000'));

create table request_counts_by_operation (
  bucket timestamptz not null,
  operation smallint references api_operations (id),
  success bigint not null,
  limited bigint not null,
  rejected bigint not null,
  failed bigint not null,
  abandoned bigint not null,
  durations integer[] not null,
  last_ended_at timestamptz not null
) partition by range (bucket);
create unique index request_counts_by_operation_key on request_counts_by_operation (bucket, coalesce(operation, 0));

-- Error responses by status and type of problem.
create table request_errors (
  bucket timestamptz not null,
  operation smallint references api_operations (id),
  status smallint not null,
  -- As in the log, whose rows are counted here.
  problem text check (problem in (
    'malformed-request', 'unauthenticated', 'insufficient-scope', 'invalid-request', 'idempotency-key-reused',
    'idempotency-in-flight', 'not-found', 'method-not-allowed', 'already-exists', 'conflict', 'content-too-large',
    'too-many-requests', 'unsupported-media-type', 'not-implemented', 'unavailable', 'internal-error')),
  requests bigint not null,
  last_ended_at timestamptz not null
) partition by range (bucket);
create unique index request_errors_key on request_errors
  (bucket, coalesce(operation, 0), status, coalesce(problem, ''));

-- Every insert into the log is counted in the same statement: both are committed or neither. Requests are first grouped
-- by kind, in one pass; each table then counts the kinds, of which a batch has few. Rows are updated in the order of
-- their keys, so that two nodes cannot deadlock.
create function ihf_count_requests() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  with kinds as materialized (
    select date_bin('10 minutes', ended_at, 'epoch') as bucket, consumer_id, operation, status, problem,
      ihf_duration_class(duration_us) as class, count(*) as requests, max(ended_at) as last_ended_at
    from logged group by 1, 2, 3, 4, 5, 6
  ), outcomes as materialized (
    select kinds.*, ihf_outcome(status) as outcome from kinds
  ), by_consumer as (
    insert into request_counts_by_consumer as known
    select bucket, consumer_id,
      coalesce(sum(requests) filter (where outcome = 'success'), 0),
      coalesce(sum(requests) filter (where outcome = 'limited'), 0),
      coalesce(sum(requests) filter (where outcome = 'rejected'), 0),
      coalesce(sum(requests) filter (where outcome = 'failed'), 0),
      coalesce(sum(requests) filter (where outcome = 'abandoned'), 0),
      ihf_histogram(array_agg(class), array_agg(requests)), max(last_ended_at)
    from outcomes group by 1, 2 order by 1, 2
    on conflict (bucket, coalesce(consumer_id, '00000000-0000-0000-0000-000000000000'))
    do update set success = known.success + excluded.success, limited = known.limited + excluded.limited,
      rejected = known.rejected + excluded.rejected, failed = known.failed + excluded.failed,
      abandoned = known.abandoned + excluded.abandoned, durations = ihf_add_arrays(known.durations, excluded.durations),
      last_ended_at = greatest(known.last_ended_at, excluded.last_ended_at)
  ), by_operation as (
    insert into request_counts_by_operation as known
    select bucket, operation,
      coalesce(sum(requests) filter (where outcome = 'success'), 0),
      coalesce(sum(requests) filter (where outcome = 'limited'), 0),
      coalesce(sum(requests) filter (where outcome = 'rejected'), 0),
      coalesce(sum(requests) filter (where outcome = 'failed'), 0),
      coalesce(sum(requests) filter (where outcome = 'abandoned'), 0),
      ihf_histogram(array_agg(class), array_agg(requests)), max(last_ended_at)
    from outcomes group by 1, 2 order by 1, 2
    on conflict (bucket, coalesce(operation, 0))
    do update set success = known.success + excluded.success, limited = known.limited + excluded.limited,
      rejected = known.rejected + excluded.rejected, failed = known.failed + excluded.failed,
      abandoned = known.abandoned + excluded.abandoned, durations = ihf_add_arrays(known.durations, excluded.durations),
      last_ended_at = greatest(known.last_ended_at, excluded.last_ended_at)
  )
  insert into request_errors as known
  select bucket, operation, status, problem, sum(requests), max(last_ended_at)
  from kinds where status >= 400 group by 1, 2, 3, 4 order by 1, 2, 3, 4
  on conflict (bucket, coalesce(operation, 0), status, coalesce(problem, ''))
  do update set requests = known.requests + excluded.requests,
    last_ended_at = greatest(known.last_ended_at, excluded.last_ended_at);
  return null;
end $$;
create trigger count_requests after insert on api_request_log
  referencing new table as logged for each statement execute function ihf_count_requests();
alter table api_request_log enable always trigger count_requests;

-- The last batch of each node. A node that lost its connection after the commit sends the batch again; it is recognized.
create table request_log_writers (
  id uuid primary key,
  batch integer not null,
  written_at timestamptz not null default now()
);

-- Stores a batch of requests, once. Times are sent as ages, so that the log follows the clock of the database, not those
-- of the nodes.
create function ihf_log_requests(writer uuid, new_batch integer, requests json) returns void
language plpgsql set search_path = public, pg_temp as $$
begin
  insert into request_log_writers as known (id, batch) values (writer, new_batch)
  on conflict (id) do update set batch = excluded.batch, written_at = now() where known.batch < excluded.batch;
  if not found then
    return;
  end if;
  insert into api_request_log (id, consumer_id, key_prefix, operation, method, status, duration_us, bytes_in, bytes_out,
    request_id, revision, sdk, sdk_revision, problem, problem_details)
  select ihf_uuidv7_at(clock_timestamp() - age_ms * interval '1 millisecond'), consumer_id, key_prefix, operation,
    method, status, duration_us, bytes_in, bytes_out, request_id, revision, sdk, sdk_revision, problem, problem_details
  from json_to_recordset(requests) as request (age_ms double precision, consumer_id uuid, key_prefix text,
    operation smallint, method text, status smallint, duration_us integer, bytes_in bigint, bytes_out bigint,
    request_id text, revision integer, sdk text, sdk_revision integer, problem text, problem_details jsonb);
end $$;

grant select, insert on api_operations, api_request_log to ihf_app;
grant select on request_counts_by_consumer, request_counts_by_operation, request_errors to ihf_app;
grant select, insert, update, delete on request_log_writers to ihf_app;
