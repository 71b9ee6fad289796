-- Partitioned by month. The id holds the time, so that one column identifies, orders, pages and partitions.
create table interaction_events (
  hub_id uuid not null,
  id uuid default ihf_uuidv7(),
  widget_id uuid not null,
  event_type text not null,
  -- RFC 3339 has years of four digits only.
  occurred_at timestamptz not null constraint occurred_at_has_four_digit_year
    check (occurred_at >= '0001-01-01 00:00+00' and occurred_at < '10000-01-01 00:00+00'),
  recorded_at timestamptz not null generated always as (ihf_uuidv7_time(id)) stored,
  actor_id text,
  session_id text,
  properties jsonb not null default '{}',
  primary key (hub_id, id),
  foreign key (hub_id, widget_id) references widgets (hub_id, id)
) partition by range (id);
-- One for each filter of the list, so that a page reads no more rows than it has.
create index on interaction_events (hub_id, widget_id, id);
create index on interaction_events (hub_id, event_type, id);
create index on interaction_events (hub_id, widget_id, event_type, id);

select ihf_attach_registry('interaction_events', 'event_type', 'event_types');

grant select, insert on interaction_events to ihf_app;
