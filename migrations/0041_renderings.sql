-- What was rendered of a revision, be it text or a package, as bytes, in one table. The two tables before it are copied
-- byte for byte, and go: a node of the version before, which would keep renderings of its own in them, is refused.
lock table contract_artifacts, contract_packages in access exclusive mode;

create table contract_renderings (
  revision integer not null references contract_revisions (revision),
  name text not null check (name in
    ('openapi.json', 'openapi.yaml', 'ihf-client.ts', 'ihf-client.py', 'ihf-client.tgz', 'ihf_client.whl')),
  digest text not null,
  content bytea not null,
  primary key (revision, name)
);
-- Somebody waits for the first rendering of a revision: where Postgres has it, the faster of its compressions.
do $$
begin
  alter table contract_renderings alter column content set compression lz4;
exception
  when feature_not_supported then null;
end $$;
insert into contract_renderings (revision, name, digest, content)
  select revision, name, digest, convert_to(content, 'UTF8') from contract_artifacts
  union all select revision, name, digest, content from contract_packages;
drop table contract_artifacts, contract_packages;

create trigger append_only before update or delete on contract_renderings
  for each row execute function ihf_append_only();
create trigger append_only_truncate before truncate on contract_renderings
  for each statement execute function ihf_append_only();
alter table contract_renderings enable always trigger append_only, enable always trigger append_only_truncate;

grant select, insert on contract_renderings to ihf_app;
