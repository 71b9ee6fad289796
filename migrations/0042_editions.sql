-- What a version of the hub brings to the contract: the authored document, and the generator of the SDKs, by a digest of
-- what it makes. The two are an edition, and another edition is a revision.
alter table contract_state add column generator_digest text;
-- Null: of a version that did not say.
alter table contract_revisions add column generator_digest text;

create or replace function ihf_next_revision(document_changes jsonb default null) returns integer language plpgsql security definer set search_path = public, pg_temp as $$
declare
  state contract_state;
begin
  select * into state from contract_state for update;
  if state.changed_in is not distinct from pg_current_xact_id() then
    return state.revision;
  end if;
  update contract_state set revision = state.revision + 1, changed_in = pg_current_xact_id();
  insert into contract_revisions (revision, committed_by, document_digest, generator_digest, document_changes)
  values (
    state.revision + 1,
    coalesce(nullif(current_setting('ihf.actor', true), ''), session_user),
    state.document_digest,
    state.generator_digest,
    document_changes
  );
  perform pg_notify('ihf_contract', (state.revision + 1)::text);
  return state.revision + 1;
end $$;

-- A node holds the lock of its edition, with the others of that edition, for as long as its session lasts.
create function ihf_edition_lock_space() returns integer language sql immutable return 18535;
create function ihf_edition_lock(document_digest text, generator_digest text) returns integer language sql immutable
  return hashtext(document_digest || ' ' || generator_digest) & 2147483647;
create function ihf_serve_edition(document_digest text, generator_digest text) returns void language sql
  return pg_advisory_lock_shared(ihf_edition_lock_space(), ihf_edition_lock(document_digest, generator_digest));
create function ihf_is_served(document_digest text, generator_digest text) returns boolean language sql
  return exists (select from pg_locks
    where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())
      and classid = ihf_edition_lock_space() and objid = ihf_edition_lock(document_digest, generator_digest)
      and objsubid = 2 and granted);

-- Makes an edition the current one, as a revision of its own. The first of all becomes that of the revisions before it.
-- Returns the revision, or null if there is nothing to do.
create function ihf_publish_edition(new_document_digest text, new_document json, new_generator_digest text, changes jsonb)
returns integer language plpgsql security definer set search_path = public, pg_temp as $$
declare
  state contract_state;
begin
  select * into state from contract_state for update;
  if state.document_digest = new_document_digest and state.generator_digest = new_generator_digest then
    return null;
  end if;
  -- One that was replaced comes back when nobody serves what replaced it. Otherwise each start of a node that is still
  -- to be upgraded would undo the upgrade, and the next start of one that is would undo that.
  if ihf_is_served(state.document_digest, state.generator_digest) and exists (select from contract_revisions
    where document_digest = new_document_digest and generator_digest = new_generator_digest) then
    return null;
  end if;
  insert into contract_documents (digest, document) values (new_document_digest, new_document) on conflict do nothing;
  update contract_state set document_digest = new_document_digest, generator_digest = new_generator_digest;
  if state.document_digest is null and state.revision > 0 then
    update contract_revisions set document_digest = new_document_digest, generator_digest = new_generator_digest
    where document_digest is null;
    return state.revision;
  end if;
  return ihf_next_revision(changes);
end $$;
drop function ihf_publish_document(text, json, jsonb);

revoke execute on function ihf_publish_edition(text, json, text, jsonb) from public;
grant execute on function ihf_publish_edition(text, json, text, jsonb) to ihf_app;
