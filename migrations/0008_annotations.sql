create table annotations (
  hub_id uuid not null,
  id uuid default ihf_uuidv7(),
  widget_id uuid not null,
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
  foreign key (hub_id, event_id) references interaction_events (hub_id, id),
  constraint resolved_has_time check ((status = 'resolved') = (resolved_at is not null))
);
create index on annotations (widget_id, id);
create index on annotations (event_id) where event_id is not null;
create index on annotations (category, id);

select ihf_attach_registry('annotations', 'category', 'annotation_categories');

grant select, insert, update on annotations to ihf_app;
