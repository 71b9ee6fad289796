-- What the problem document of a failed request said beside its type, so that it can be read again: null for all others,
-- which costs them nothing. In the log itself, and so append-only and gone with its day. What is kept, and what is left
-- out of it, is decided before it comes here: see server/traffic/told.ts.
alter table api_request_log add column told jsonb;

-- As before, with the new column.
create or replace function ihf_log_requests(writer uuid, new_batch integer, requests json) returns void
language plpgsql set search_path = public, pg_temp as $$
begin
  insert into request_log_writers as known (id, batch) values (writer, new_batch)
  on conflict (id) do update set batch = excluded.batch, written_at = now() where known.batch < excluded.batch;
  if not found then
    return;
  end if;
  insert into api_request_log (id, consumer_id, key_prefix, operation, method, status, duration_us, bytes_in, bytes_out,
    request_id, revision, sdk, sdk_revision, problem, told)
  select ihf_uuidv7_at(clock_timestamp() - age_ms * interval '1 millisecond'), consumer_id, key_prefix, operation,
    method, status, duration_us, bytes_in, bytes_out, request_id, revision, sdk, sdk_revision, problem, told
  from json_to_recordset(requests) as request (age_ms double precision, consumer_id uuid, key_prefix text,
    operation smallint, method text, status smallint, duration_us integer, bytes_in bigint, bytes_out bigint,
    request_id text, revision integer, sdk text, sdk_revision integer, problem text, told jsonb);
end $$;
