create table hubs (
  id uuid primary key default ihf_uuidv7(),
  slug text not null constraint hubs_slug_key unique check (slug ~ '^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$'),
  name text not null constraint name_is_plain_text check (ihf_is_plain_text(name)),
  description text constraint description_is_plain_text check (ihf_is_plain_text(description, is_prose => true)),
  created_at timestamptz not null generated always as (ihf_uuidv7_time(id)) stored
);

-- As in every table of a hub's data, hub_id comes first in all primary and foreign keys: a row can refer only to rows
-- of its own hub, and the data can be distributed by hub.
create table widgets (
  hub_id uuid not null references hubs (id),
  id uuid default ihf_uuidv7(),
  key text not null,
  widget_type text not null,
  name text not null,
  description text,
  attributes jsonb not null default '{}',
  created_at timestamptz not null generated always as (ihf_uuidv7_time(id)) stored,
  -- Not now(), which is the start of the transaction and so before the time in the id.
  updated_at timestamptz not null default clock_timestamp(),
  primary key (hub_id, id),
  constraint widgets_hub_id_key_key unique (hub_id, key)
);
create index on widgets (hub_id, widget_type, id);

select ihf_attach_registry('widgets', 'widget_type', 'widget_types');

select ihf_audit_table('hubs', 'id');

grant select, insert, update on hubs, widgets to ihf_app;
