create table annotations (
  hub_id uuid not null,
  id uuid default ihf_uuidv7(),
  widget_id uuid not null,
  -- No foreign key: it would prevent that partitions of events are dropped.
  event_id uuid,
  category text not null,
  body text not null,
  author text,
  status text not null default 'open' check (status in ('open', 'resolved')),
  created_at timestamptz not null generated always as (ihf_uuidv7_time(id)) stored,
  resolved_at timestamptz,
  resolved_by text,
  resolution text,
  primary key (hub_id, id),
  foreign key (hub_id, widget_id) references widgets (hub_id, id),
  constraint resolved_has_time check ((status = 'resolved') = (resolved_at is not null))
);
-- For each combination of filters. The list without a status reads a page of both.
create index on annotations (hub_id, status, id);
create index on annotations (hub_id, widget_id, status, id);
create index on annotations (hub_id, category, status, id);
create index on annotations (hub_id, widget_id, category, status, id);
create index on annotations (hub_id, event_id, status, id) where event_id is not null;
create index on annotations (hub_id, event_id, category, status, id) where event_id is not null;

create function ihf_check_annotated_event() returns trigger language plpgsql as $$
begin
  if not exists (select from interaction_events where hub_id = new.hub_id and id = new.event_id) then
    raise foreign_key_violation using message = 'The hub has no event ' || new.event_id, table = tg_table_name,
      column = 'event_id', constraint = 'annotations_hub_id_event_id_fkey';
  end if;
  return new;
end $$;
create trigger check_event before insert or update of event_id on annotations
  for each row when (new.event_id is not null) execute function ihf_check_annotated_event();

select ihf_attach_registry('annotations', 'category', 'annotation_categories');

grant select, insert, update on annotations to ihf_app;
