-- The audited tables.
create table audit_subject_types (
  name text primary key
);

-- Every change of the audited tables. Of the whole installation: a subject may belong to a hub, to several or to none.
create table audit_log (
  id uuid primary key default ihf_uuidv7(),
  made_at timestamptz not null generated always as (ihf_uuidv7_time(id)) stored,
  actor text not null,
  action text not null check (action in
    ('added', 'changed', 'removed', 'signed_in', 'signed_out', 'tested', 'redelivered', 'recovered')),
  -- The table of the changed row, and its key.
  subject_type text not null references audit_subject_types (name),
  subject text not null,
  -- Only the columns that differ.
  before jsonb not null default '{}',
  after jsonb not null default '{}'
);
create index on audit_log (subject_type, subject, id);
create index on audit_log (actor, id);

create trigger append_only before update or delete on audit_log for each row execute function ihf_reject_change();
create trigger append_only_truncate before truncate on audit_log for each statement execute function ihf_reject_change();
alter table audit_log enable always trigger append_only, enable always trigger append_only_truncate;

-- Called by triggers, so that changes by the dashboard, the command line and psql are all recorded. The argument is the
-- key column. Secrets, and columns that change without an operator's decision, are left out.
create function ihf_audit_row() returns trigger
language plpgsql security definer set search_path = public, pg_temp set timezone = 'UTC' as $$
declare
  omitted constant text[] := array['id', 'created_at', 'updated_at', 'last_used_at', 'status_changed_at',
    'password_hash', 'key_hash', 'secret_hash', 'keys', 'previous_keys', 'rate_free_at', 'failing_since', 'given_up', 'given_up_at'];
  present jsonb := to_jsonb(new);
  past jsonb := case when tg_op = 'UPDATE' then to_jsonb(old) - omitted else '{}' end;
  before jsonb;
  after jsonb;
begin
  select coalesce(jsonb_object_agg(key, value) filter (where value <> 'null'), '{}') into before
    from jsonb_each(past) where value <> present -> key;
  select coalesce(jsonb_object_agg(key, value) filter (where value <> 'null' or past ? key), '{}') into after
    from jsonb_each(present - omitted) where value is distinct from past -> key;
  if after <> '{}' then
    insert into audit_log (actor, action, subject_type, subject, before, after)
    values (ihf_actor(), case tg_op when 'INSERT' then 'added' else 'changed' end, tg_table_name,
      present ->> tg_argv[0], before, after);
  end if;
  return null;
end $$;

-- All scopes added to or removed from a row by one statement are one change. The arguments: the table that the scopes
-- belong to, and its key.
create function ihf_audit_scopes() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  execute format('insert into audit_log (actor, action, subject_type, subject, %I)
      select ihf_actor(), ''changed'', %L, %I, jsonb_build_object(''scopes'', jsonb_agg(scope order by scope))
      from changed group by %3$I',
    case tg_op when 'INSERT' then 'after' else 'before' end, tg_argv[0], tg_argv[1]);
  return null;
end $$;

-- Records every change of a table from now on. Called where the table is created.
-- `columns`: only updates that name one of them, for a table that the server itself updates all the time.
create function ihf_audit_table(audited text, key_column text, columns text[] default null) returns void
language plpgsql set search_path = public, pg_temp as $$
begin
  insert into audit_subject_types (name) values (audited) on conflict do nothing;
  execute format('create or replace trigger audit after insert or update %s on %I for each row execute function ihf_audit_row(%L)',
    'of ' || (select string_agg(quote_ident(name), ', ') from unnest(columns) as name), audited, key_column);
end $$;

revoke execute on function ihf_audit_table(text, text, text[]) from public;
grant select on audit_subject_types to ihf_app;
grant select, insert on audit_log to ihf_app;
