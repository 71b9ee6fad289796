-- What installers take of a revision's SDKs. Like the other artifacts they are kept as they were first made.
create table contract_packages (
  revision integer not null references contract_revisions (revision),
  name text not null check (name in ('ihf-client.tgz', 'ihf_client.whl')),
  digest text not null,
  content bytea not null,
  primary key (revision, name)
);

create trigger append_only before update or delete on contract_packages
  for each row execute function ihf_append_only();
create trigger append_only_truncate before truncate on contract_packages
  for each statement execute function ihf_append_only();
alter table contract_packages enable always trigger append_only, enable always trigger append_only_truncate;

grant select, insert on contract_packages to ihf_app;
