-- The authored documents of all releases that have run on this database.
create table contract_documents (
  digest text primary key,
  -- json, not jsonb: the order of its keys is the order of the published document.
  document json not null,
  first_seen_at timestamptz not null default now()
);

-- A revision is a release (an authored document and the generator of the SDKs, identified by a digest of its output)
-- together with the registry values at that time.
create table contract_revisions (
  revision integer primary key,
  -- Tells apart two histories that gave the same number, before and after the database was restored to an earlier time.
  head_id uuid not null,
  committed_at timestamptz not null default clock_timestamp(),
  committed_by text not null,
  -- Null until the first node starts: the registry changes before that become part of its release.
  document_digest text references contract_documents (digest),
  generator_digest text,
  -- The changes of a new release. The changes of registry values are in registry_changes.
  document_changes jsonb
);

create table registry_changes (
  id bigint generated always as identity primary key,
  revision integer not null references contract_revisions (revision),
  registry text not null,
  name text not null,
  before jsonb,
  after jsonb not null
);
create index on registry_changes (revision);

-- The documents, SDKs and packages rendered for a revision, as bytes. The first rendering of a revision is permanent,
-- even if the templates of a later release would render it differently.
create table contract_artifacts (
  revision integer not null references contract_revisions (revision),
  name text not null check (name in
    ('openapi.json', 'openapi.yaml', 'ihf-client.ts', 'ihf-client.py', 'ihf-client.tgz', 'client.tgz', 'ihf_client.whl')),
  digest text not null,
  content bytea not null,
  primary key (revision, name)
);
-- The first request for an artifact waits until it is stored: use the faster compression where Postgres was built with it.
do $$
begin
  alter table contract_artifacts alter column content set compression lz4;
exception
  when feature_not_supported then null;
end $$;

-- The version of the packages of each revision, which is also `info.version` of its document. Given once and in the order of
-- the revisions: each depends on the one before, and on what counted as breaking when it was given.
create table contract_versions (
  revision integer primary key references contract_revisions (revision),
  version text not null unique
);

-- What npm and pip need to know of a package before they download it. Computed from the packages of a revision.
create table contract_packages (
  revision integer primary key references contract_versions (revision),
  npm_sha512 bytea not null check (length(npm_sha512) = 64),
  npm_sha1 bytea not null check (length(npm_sha1) = 20),
  -- The part of package.json that npm reads from the registry.
  npm_manifest json not null,
  wheel_sha256 bytea not null check (length(wheel_sha256) = 32),
  wheel_size integer not null,
  wheel_metadata_sha256 bytea not null check (length(wheel_metadata_sha256) = 32)
);

-- One row. Its lock orders the transactions that change the contract, so that revision numbers are committed in order, and
-- have gaps only where revisions were lost.
create table contract_state (
  only_row boolean primary key default true check (only_row),
  revision integer not null default 0,
  head_id uuid not null default gen_random_uuid(),
  -- The highest number of a lost revision that a node has served. It is not given again.
  reserved integer not null default 0,
  document_digest text references contract_documents (digest),
  generator_digest text,
  -- The transaction of the last change. A restored database counts its transactions anew, so that the id alone could
  -- belong to two.
  changed_in xid8,
  changed_at timestamptz
);
insert into contract_state default values;

-- Returns the revision of this transaction: the first change creates it, further changes belong to it.
create function ihf_next_revision(document_changes jsonb default null) returns integer
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  state contract_state;
begin
  select * into state from contract_state for update;
  if state.changed_in = pg_current_xact_id() and state.changed_at = now() then
    return state.revision;
  end if;
  update contract_state set revision = greatest(state.revision, state.reserved) + 1, head_id = gen_random_uuid(),
    changed_in = pg_current_xact_id(), changed_at = now()
  returning * into state;
  insert into contract_revisions (revision, head_id, committed_by, document_digest, generator_digest, document_changes)
  values (state.revision, state.head_id, ihf_actor(), state.document_digest, state.generator_digest, document_changes);
  perform pg_notify('ihf_contract', state.revision::text);
  return state.revision;
end $$;

-- A node that knows a revision which the database has lost keeps its number from being given again.
create function ihf_reserve_revisions(up_to integer) returns void
language sql security definer set search_path = public, pg_temp as
  'update contract_state set reserved = up_to where reserved < up_to';

-- Each node holds a shared advisory lock on its release for as long as its session lasts.
create function ihf_release_lock_space() returns integer language sql immutable return 18535;
create function ihf_release_lock_key(document_digest text, generator_digest text) returns integer language sql immutable
  return hashtext(document_digest || ' ' || generator_digest) & 2147483647;
create function ihf_announce_release(document_digest text, generator_digest text) returns void language sql
  return pg_advisory_lock_shared(ihf_release_lock_space(), ihf_release_lock_key(document_digest, generator_digest));
create function ihf_is_release_running(document_digest text, generator_digest text) returns boolean language sql
  return exists (select from pg_locks
    where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())
      and classid = ihf_release_lock_space() and objid = ihf_release_lock_key(document_digest, generator_digest)
      and objsubid = 2 and granted);

-- Makes a release the current one, as a new revision. The first release of all becomes that of the revisions before it.
-- Returns the revision, or null if there is nothing to do.
create function ihf_publish_release(new_document_digest text, new_document json, new_generator_digest text, changes jsonb)
returns integer language plpgsql security definer set search_path = public, pg_temp as $$
declare
  state contract_state;
begin
  select * into state from contract_state for update;
  if state.document_digest = new_document_digest and state.generator_digest = new_generator_digest then
    return null;
  end if;
  -- A release that was replaced becomes current again only when no node runs its replacement. Otherwise, during a
  -- rolling upgrade, each start of an old node would undo the upgrade, and each start of a new node would repeat it.
  if ihf_is_release_running(state.document_digest, state.generator_digest) and exists (select from contract_revisions
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

-- Gives the versions of the revisions after `after_revision`. Returns false if another node has already given them.
create function ihf_add_versions(after_revision integer, revisions integer[], versions text[]) returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  lock table contract_versions in share row exclusive mode;
  if (select max(revision) from contract_versions) is distinct from after_revision then
    return false;
  end if;
  insert into contract_versions (revision, version) select * from unnest(revisions, versions);
  return true;
end $$;

create trigger append_only before update or delete on registry_changes
  for each row execute function ihf_reject_change();
create trigger append_only_truncate before truncate on registry_changes
  for each statement execute function ihf_reject_change();
create trigger append_only before update or delete on contract_artifacts
  for each row execute function ihf_reject_change();
create trigger append_only_truncate before truncate on contract_artifacts
  for each statement execute function ihf_reject_change();
create trigger append_only before update or delete on contract_versions
  for each row execute function ihf_reject_change();
create trigger append_only_truncate before truncate on contract_versions
  for each statement execute function ihf_reject_change();
create trigger append_only before update or delete on contract_packages
  for each row execute function ihf_reject_change();
create trigger append_only_truncate before truncate on contract_packages
  for each statement execute function ihf_reject_change();
create trigger append_only before update or delete on contract_documents
  for each row execute function ihf_reject_change();
create trigger append_only_truncate before truncate on contract_documents
  for each statement execute function ihf_reject_change();
-- Only a revision that has no document yet can be updated.
create trigger append_only before update on contract_revisions
  for each row when (old.document_digest is not null) execute function ihf_reject_change();
create trigger append_only_delete before delete on contract_revisions
  for each row execute function ihf_reject_change();
create trigger append_only_truncate before truncate on contract_revisions
  for each statement execute function ihf_reject_change();
-- Also during replication and restores, which switch ordinary triggers off.
alter table registry_changes enable always trigger append_only, enable always trigger append_only_truncate;
alter table contract_artifacts enable always trigger append_only, enable always trigger append_only_truncate;
alter table contract_versions enable always trigger append_only, enable always trigger append_only_truncate;
alter table contract_packages enable always trigger append_only, enable always trigger append_only_truncate;
alter table contract_documents enable always trigger append_only, enable always trigger append_only_truncate;
alter table contract_revisions enable always trigger append_only, enable always trigger append_only_delete,
  enable always trigger append_only_truncate;

revoke execute on function ihf_next_revision(jsonb) from public;
revoke execute on function ihf_reserve_revisions(integer) from public;
revoke execute on function ihf_add_versions(integer, integer[], text[]) from public;
revoke execute on function ihf_publish_release(text, json, text, jsonb) from public;
grant execute on function ihf_publish_release(text, json, text, jsonb) to ihf_app;
grant execute on function ihf_reserve_revisions(integer) to ihf_app;
grant execute on function ihf_add_versions(integer, integer[], text[]) to ihf_app;
grant select on contract_documents, contract_revisions, registry_changes, contract_artifacts, contract_versions, contract_packages,
  contract_state to ihf_app;
grant insert on contract_artifacts, contract_packages to ihf_app;
