-- The authored documents that hubs have run with. A revision is one of them and the words as they stood.
create table contract_documents (
  digest text primary key,
  -- json, not jsonb: the order of its keys is the order of the published document.
  document json not null,
  first_seen_at timestamptz not null default now()
);

create table contract_revisions (
  revision integer primary key,
  committed_at timestamptz not null default clock_timestamp(),
  committed_by text not null,
  -- Null until the first hub starts: registry changes before that belong to its document.
  document_digest text references contract_documents (digest),
  -- What a new document changed. A registry change says so in registry_changes instead.
  document_changes jsonb
);

create table registry_changes (
  id bigint generated always as identity primary key,
  revision integer not null references contract_revisions (revision),
  registry text not null check (registry in ('widget_types', 'event_types', 'annotation_categories')),
  name text not null,
  before jsonb,
  after jsonb not null
);
create index on registry_changes (revision);

-- The rendered documents and SDKs. The first rendering of a revision is its rendering for good, whatever the
-- templates of a later version would make of it.
create table contract_artifacts (
  revision integer not null references contract_revisions (revision),
  name text not null check (name in ('openapi.json', 'openapi.yaml', 'ihf-client.ts', 'ihf-client.py')),
  digest text not null,
  content text not null,
  primary key (revision, name)
);

-- One row. Its lock orders the transactions that change the contract, so that numbers have no gaps and are
-- committed in their order.
create table contract_state (
  only_row boolean primary key default true check (only_row),
  revision integer not null default 0,
  document_digest text references contract_documents (digest),
  changed_in xid8
);
insert into contract_state default values;

-- The revision of this transaction: the next one at its first change, the same one after that.
create function ihf_next_revision(document_changes jsonb default null) returns integer language plpgsql security definer set search_path = public, pg_temp as $$
declare
  state contract_state;
begin
  select * into state from contract_state for update;
  if state.changed_in is not distinct from pg_current_xact_id() then
    return state.revision;
  end if;
  update contract_state set revision = state.revision + 1, changed_in = pg_current_xact_id();
  insert into contract_revisions (revision, committed_by, document_digest, document_changes)
  values (
    state.revision + 1,
    coalesce(nullif(current_setting('ihf.actor', true), ''), session_user),
    state.document_digest,
    document_changes
  );
  perform pg_notify('ihf_contract', (state.revision + 1)::text);
  return state.revision + 1;
end $$;

-- Makes a document the current one, as a revision of its own. The first document of all becomes that of the
-- revisions before it. Returns the revision, or null if the document was current already.
create function ihf_publish_document(new_digest text, new_document json, changes jsonb) returns integer
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  state contract_state;
begin
  select * into state from contract_state for update;
  if state.document_digest = new_digest then
    return null;
  end if;
  insert into contract_documents (digest, document) values (new_digest, new_document) on conflict do nothing;
  update contract_state set document_digest = new_digest;
  if state.document_digest is null and state.revision > 0 then
    update contract_revisions set document_digest = new_digest where document_digest is null;
    return state.revision;
  end if;
  return ihf_next_revision(changes);
end $$;

create function ihf_append_only() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'IH003', table = tg_table_name;
end $$;

create trigger append_only before update or delete on registry_changes
  for each row execute function ihf_append_only();
create trigger append_only_truncate before truncate on registry_changes
  for each statement execute function ihf_append_only();
create trigger append_only before update or delete on contract_artifacts
  for each row execute function ihf_append_only();
create trigger append_only_truncate before truncate on contract_artifacts
  for each statement execute function ihf_append_only();
create trigger append_only before update or delete on contract_documents
  for each row execute function ihf_append_only();
create trigger append_only_truncate before truncate on contract_documents
  for each statement execute function ihf_append_only();
-- Only a revision that waits for its first document may still be written.
create trigger append_only before update on contract_revisions
  for each row when (old.document_digest is not null) execute function ihf_append_only();
create trigger append_only_delete before delete on contract_revisions
  for each row execute function ihf_append_only();
create trigger append_only_truncate before truncate on contract_revisions
  for each statement execute function ihf_append_only();
-- Also for replication and restores, which switch ordinary triggers off.
alter table registry_changes enable always trigger append_only, enable always trigger append_only_truncate;
alter table contract_artifacts enable always trigger append_only, enable always trigger append_only_truncate;
alter table contract_documents enable always trigger append_only, enable always trigger append_only_truncate;
alter table contract_revisions enable always trigger append_only, enable always trigger append_only_delete,
  enable always trigger append_only_truncate;

revoke execute on function ihf_next_revision(jsonb) from public;
revoke execute on function ihf_publish_document(text, json, jsonb) from public;
grant execute on function ihf_publish_document(text, json, jsonb) to ihf_app;
grant select on contract_documents, contract_revisions, registry_changes, contract_artifacts, contract_state to ihf_app;
grant insert on contract_artifacts to ihf_app;
