-- What was sent and what was answered, beside the body, which the message has. An attempt that made no request has none.
-- Null in what was written before.
alter table webhook_deliveries
  -- Where it went: a subscription may go elsewhere later.
  add column url text,
  -- Objects of texts, by the names of the headers.
  add column request_headers jsonb,
  add column response_headers jsonb;

-- What failed is looked for among much that did not.
create index on webhook_deliveries (subscription_id, id) where not succeeded;

alter type webhook_attempt
  add attribute url text, add attribute request_headers jsonb, add attribute response_headers jsonb;

-- As before, with the new columns.
create or replace function ihf_finish_webhooks(attempts json) returns void
language plpgsql set enable_seqscan = off as $$
#variable_conflict use_column
declare
  made webhook_attempt[] := array(select json_populate_recordset(null::webhook_attempt, attempts));
begin
  -- Lanes are freed, and health is judged, under the lock that claims take. A healthy endpoint without order needs none.
  perform from webhook_subscriptions
    where id in (select subscription_id from unnest(made)) and (ordered or failing_since is not null
      or id in (select subscription_id from unnest(made) where error is not null))
    order by id for no key update;

  with attempted as (
    insert into webhook_deliveries
      (subscription_id, message_id, attempt, duration_ms, succeeded, status_code, error, response,
        url, request_headers, response_headers)
    select subscription_id, message_id, attempt, duration_ms, error is null, status_code, error, response,
      url, request_headers, response_headers
    from unnest(made)
  ), postponed as (
    update webhook_queue as queue
    set attempts = made.attempt, due_at = now() + make_interval(secs => retry_ms / 1000.0),
      leased_by = null, leased_until = null
    from unnest(made) as made
    where queue.subscription_id = made.subscription_id and queue.message_id = made.message_id
      and (leased_by = worker or leased_by is null and attempts < made.attempt) and retry_ms is not null
  ), removed as (
    delete from webhook_queue as queue using unnest(made) as made
    where queue.subscription_id = made.subscription_id and queue.message_id = made.message_id
      and (leased_by = worker or leased_by is null and attempts < made.attempt) and retry_ms is null
    returning queue.subscription_id, queue.message_id, lane
  )
  update webhook_queue as queue set due_at = now()
  from removed cross join lateral (select subscription_id, message_id from webhook_queue
    where subscription_id = removed.subscription_id and lane = removed.lane and message_id <> removed.message_id
    order by message_id limit 1) as next
  where queue.subscription_id = next.subscription_id and queue.message_id = next.message_id and due_at = 'infinity';

  update webhook_subscriptions
  set failing_since = case when succeeded then null else coalesce(failing_since, now()) end,
    status = case when gone then 'ended' when not succeeded and failing_since < now() - interval '5 days' then 'paused'
      else status end,
    status_reason = case when gone then 'gone' when not succeeded and failing_since < now() - interval '5 days'
      then 'failing' end,
    status_changed_at = case when gone or not succeeded and failing_since < now() - interval '5 days' then now()
      else status_changed_at end
  from (select subscription_id, bool_or(error is null) as succeeded, bool_or(made.gone) as gone
    from unnest(made) as made group by 1) as seen
  where id = seen.subscription_id and status = 'active' and (gone or succeeded = (failing_since is not null)
    or not succeeded and failing_since < now() - interval '5 days');
  delete from webhook_queue using webhook_subscriptions
  where id = subscription_id and status = 'ended' and id in (select subscription_id from unnest(made) as made where gone);
end $$;
