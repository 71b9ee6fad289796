-- How much each key is used, by hours: whoever rotates a key sees what still comes with the old one. Written down every
-- few seconds with the time of the last use, apart from the log, whose writer has nothing more to do for it.
create table api_key_usage (
  key_id uuid not null references api_keys (id),
  hour timestamptz not null,
  requests bigint not null,
  -- Those of them that came after another key had taken its place.
  superseded bigint not null,
  -- What sent the last of them; null where it was none of our SDKs.
  sdk text check (sdk in ('typescript', 'python')),
  sdk_revision integer,
  primary key (key_id, hour)
) with (fillfactor = 70);

grant select, insert, update, delete on api_key_usage to ihf_app;

-- Who did something is asked of the audit log as often as what was done to something.
create index on audit_log (actor, id);
