-- One row a request, append-only and partitioned by day, with counts that are kept by the same statement.

-- The operations of the documents that hubs have run with, each written down by the first hub that has it. A table and
-- not a CHECK: an operation is added in openapi.yaml and nowhere else. Not a name alone: where an operation moves to
-- another path, the rows of the past keep theirs.
create table api_operations (
  id smallint generated always as identity primary key,
  name text not null,
  method text not null check (method in ('get', 'head', 'post', 'put', 'patch', 'delete', 'options', 'trace')),
  path text not null,
  unique (name, method, path)
);

-- An id of version 7 for a time that has passed.
create function ihf_uuidv7_at(at timestamptz) returns uuid language sql volatile parallel safe
  return encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid()) placing
    substring(int8send((extract(epoch from at) * 1000)::bigint) from 3) from 1 for 6), 52, 1), 53, 1), 'hex')::uuid;

-- No foreign key leads to api_consumers: it would lock the consumer's row for each request, and the whole table
-- whenever a day is dropped. Consumers are never deleted, and the ids come from there.
create table api_request_log (
  id uuid primary key default ihf_uuidv7(),
  ended_at timestamptz not null generated always as (ihf_uuidv7_time(id)) stored,
  -- Null where nobody knows who called.
  consumer_id uuid,
  key_prefix text,
  -- Null where the contract has nothing at the address.
  operation smallint references api_operations (id),
  method text not null
    check (method in ('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'OTHER')),
  -- Null where the caller hung up before the answer was out.
  status smallint check (status between 100 and 599),
  duration_us integer not null check (duration_us >= 0),
  -- As counted on the connection: headers and all.
  bytes_in bigint not null,
  bytes_out bigint not null,
  request_id text not null,
  revision integer not null,
  sdk text check (sdk in ('typescript', 'python')),
  sdk_revision integer,
  -- The last part of the type of the problem document, if the answer was one.
  problem text check (problem in (
    'malformed-request', 'unauthenticated', 'insufficient-scope', 'invalid-request', 'idempotency-key-reused',
    'idempotency-in-flight', 'not-found', 'method-not-allowed', 'already-exists', 'conflict', 'content-too-large',
    'too-many-requests', 'unsupported-media-type', 'not-implemented', 'unavailable', 'internal-error'))
) partition by range (id);

create trigger append_only before update or delete on api_request_log
  for each row execute function ihf_append_only();
create trigger append_only_truncate before truncate on api_request_log
  for each statement execute function ihf_append_only();
alter table api_request_log enable always trigger append_only, enable always trigger append_only_truncate;

create function ihf_outcome(status smallint) returns text language sql immutable parallel safe
  return case when status is null then 'abandoned' when status < 400 then 'success' when status = 429 then 'limited'
    when status < 500 then 'refused' else 'failed' end;

-- Durations are counted in 32 classes, two for each doubling: the first ends at 256 µs, the last begins at 8.4 s.
create function ihf_duration_class(duration_us integer) returns integer language sql immutable parallel safe
  return greatest(1, least(32, 2 + floor(2 * ln(greatest(duration_us, 1) / 256::double precision) / ln(2::double precision))));

-- How many there are of each class.
create function ihf_histogram(classes integer[]) returns integer[] language sql immutable parallel safe
  return (select array_agg(coalesce(requests, 0) order by n)
    from generate_series(1, 32) as n
    left join (select class, count(*)::integer as requests from unnest(classes) as class group by class) as found
      on class = n);

create function ihf_add(one integer[], other integer[]) returns integer[] language sql immutable parallel safe
  return (select array_agg(a + b order by n) from unnest(one, other) with ordinality as pair (a, b, n));

-- Counts in buckets of ten minutes: one row for all requests of a consumer, one for all of an operation. Not both in
-- one table, since consumers times operations would be too many rows to add up; nor a row for each class.
create table request_counts_by_consumer (
  bucket timestamptz not null,
  consumer_id uuid,
  success bigint not null,
  limited bigint not null,
  refused bigint not null,
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
  refused bigint not null,
  failed bigint not null,
  abandoned bigint not null,
  durations integer[] not null,
  last_ended_at timestamptz not null
) partition by range (bucket);
create unique index request_counts_by_operation_key on request_counts_by_operation (bucket, coalesce(operation, 0));

-- Those of the requests that met with an error, by what it was.
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

-- Whoever writes to the log counts what he wrote, in the same statement: both are there or neither is. The rows are
-- counted in the order of their keys, in which no two nodes can wait for each other in a circle.
create function ihf_count_requests() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into request_counts_by_consumer as known
  select date_bin('10 minutes', ended_at, 'epoch'), consumer_id,
    count(*) filter (where outcome = 'success'), count(*) filter (where outcome = 'limited'),
    count(*) filter (where outcome = 'refused'), count(*) filter (where outcome = 'failed'),
    count(*) filter (where outcome = 'abandoned'), ihf_histogram(array_agg(ihf_duration_class(duration_us))), max(ended_at)
  from logged, ihf_outcome(status) as outcome group by 1, 2 order by 1, 2
  on conflict (bucket, coalesce(consumer_id, '00000000-0000-0000-0000-000000000000'))
  do update set success = known.success + excluded.success, limited = known.limited + excluded.limited,
    refused = known.refused + excluded.refused, failed = known.failed + excluded.failed,
    abandoned = known.abandoned + excluded.abandoned, durations = ihf_add(known.durations, excluded.durations),
    last_ended_at = greatest(known.last_ended_at, excluded.last_ended_at);

  insert into request_counts_by_operation as known
  select date_bin('10 minutes', ended_at, 'epoch'), operation,
    count(*) filter (where outcome = 'success'), count(*) filter (where outcome = 'limited'),
    count(*) filter (where outcome = 'refused'), count(*) filter (where outcome = 'failed'),
    count(*) filter (where outcome = 'abandoned'), ihf_histogram(array_agg(ihf_duration_class(duration_us))), max(ended_at)
  from logged, ihf_outcome(status) as outcome group by 1, 2 order by 1, 2
  on conflict (bucket, coalesce(operation, 0))
  do update set success = known.success + excluded.success, limited = known.limited + excluded.limited,
    refused = known.refused + excluded.refused, failed = known.failed + excluded.failed,
    abandoned = known.abandoned + excluded.abandoned, durations = ihf_add(known.durations, excluded.durations),
    last_ended_at = greatest(known.last_ended_at, excluded.last_ended_at);

  insert into request_errors as known
  select date_bin('10 minutes', ended_at, 'epoch'), operation, status, problem, count(*), max(ended_at)
  from logged where status >= 400 group by 1, 2, 3, 4 order by 1, 2, 3, 4
  on conflict (bucket, coalesce(operation, 0), status, coalesce(problem, ''))
  do update set requests = known.requests + excluded.requests,
    last_ended_at = greatest(known.last_ended_at, excluded.last_ended_at);
  return null;
end $$;
create trigger count_requests after insert on api_request_log
  referencing new table as logged for each statement execute function ihf_count_requests();
alter table api_request_log enable always trigger count_requests;

-- The last batch of each node. One that was committed, but whose node did not hear so, comes again and is known.
create table request_log_writers (
  id uuid primary key,
  batch integer not null,
  written_at timestamptz not null default now()
);

-- Writes a batch of requests, once. Times come as ages: the log keeps the database's clock, whatever that of a node says.
create function ihf_log_requests(writer uuid, new_batch integer, requests json) returns void
language plpgsql set search_path = public, pg_temp as $$
begin
  insert into request_log_writers as known (id, batch) values (writer, new_batch)
  on conflict (id) do update set batch = excluded.batch, written_at = now() where known.batch < excluded.batch;
  if not found then
    return;
  end if;
  insert into api_request_log (id, consumer_id, key_prefix, operation, method, status, duration_us, bytes_in, bytes_out,
    request_id, revision, sdk, sdk_revision, problem)
  select ihf_uuidv7_at(clock_timestamp() - age_ms * interval '1 millisecond'), consumer_id, key_prefix, operation,
    method, status, duration_us, bytes_in, bytes_out, request_id, revision, sdk, sdk_revision, problem
  from json_to_recordset(requests) as request (age_ms double precision, consumer_id uuid, key_prefix text,
    operation smallint, method text, status smallint, duration_us integer, bytes_in bigint, bytes_out bigint,
    request_id text, revision integer, sdk text, sdk_revision integer, problem text);
end $$;

-- Makes the partitions from yesterday to so many days ahead, and drops those that are older than is kept: of the log
-- and of its counts, which so agree about what is gone too.
create function ihf_turn_request_log(days_ahead integer, days_kept integer) returns void
language plpgsql security definer set search_path = public, pg_temp set timezone = 'UTC' as $$
declare
  parent text;
  day date;
  name text;
  bounds text;
begin
  perform pg_advisory_xact_lock(hashtext('ihf_turn_request_log'));
  foreach parent in array array[
    'api_request_log', 'request_counts_by_consumer', 'request_counts_by_operation', 'request_errors'] loop
    for day in select generate_series(current_date - 1, current_date + days_ahead, interval '1 day') loop
      name := format('%s_%s', parent, to_char(day, 'YYYY_MM_DD'));
      continue when to_regclass(name) is not null;
      if parent = 'api_request_log' then
        execute format('create table %I partition of %I for values from (%L) to (%L)',
          name, parent, ihf_uuidv7_floor(day), ihf_uuidv7_floor(day + 1));
        -- Triggers on truncate are not inherited.
        execute format('create trigger append_only_truncate before truncate on %I
          for each statement execute function ihf_append_only()', name);
        execute format('alter table %I enable always trigger append_only_truncate', name);
      else
        -- A row is updated up to four times a second while its bucket lasts: there is room for that on its page.
        execute format('create table %I partition of %I for values from (%L) to (%L) with (fillfactor = 50)',
          name, parent, day, day + 1);
      end if;
    end loop;
    for name in
      select relname from pg_inherits join pg_class on pg_class.oid = inhrelid
      where inhparent = parent::regclass and right(relname, 10) < to_char(current_date - days_kept, 'YYYY_MM_DD')
    loop
      -- In the order in which a writer takes its locks: dropping alone would begin with the last of them.
      execute format('lock table %I, api_operations in access exclusive mode', parent);
      execute format('drop table %I', name);
    end loop;
  end loop;
  delete from request_log_writers where written_at < now() - interval '1 day';
end $$;
select ihf_turn_request_log(3, 30);

revoke execute on function ihf_turn_request_log(integer, integer) from public;
grant execute on function ihf_turn_request_log(integer, integer) to ihf_app;
grant select, insert on api_operations, api_request_log to ihf_app;
grant select on request_counts_by_consumer, request_counts_by_operation, request_errors to ihf_app;
grant select, insert, update on request_log_writers to ihf_app;
