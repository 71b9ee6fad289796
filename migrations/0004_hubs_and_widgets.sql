create table hubs (
  id uuid primary key default ihf_uuidv7(),
  slug text not null constraint hubs_slug_key unique check (slug ~ '^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$'),
  name text not null,
  description text,
  created_at timestamptz not null generated always as (ihf_uuidv7_time(id)) stored
);

create table widgets (
  id uuid primary key default ihf_uuidv7(),
  hub_id uuid not null references hubs (id),
  key text not null,
  widget_type text not null references widget_types (name),
  name text not null,
  description text,
  attributes jsonb not null default '{}',
  created_at timestamptz not null generated always as (ihf_uuidv7_time(id)) stored,
  -- Not now(), which is when the transaction began, before the id was made.
  updated_at timestamptz not null default clock_timestamp(),
  constraint widgets_hub_id_key_key unique (hub_id, key)
);
create index on widgets (hub_id, id);
create index on widgets (widget_type, id);

create function ihf_check_widget_type() returns trigger language plpgsql as $$
declare
  word widget_types;
begin
  select * into word from widget_types where name = new.widget_type;
  if word.status = 'retired' then
    perform ihf_refuse_retired('widget_types', 'widget_type', word.name, word.replaced_by);
  end if;
  return new;
end $$;
create trigger check_type before insert on widgets for each row execute function ihf_check_widget_type();
-- A widget keeps a type that was retired under it for as long as nobody changes the type.
create trigger check_type_change before update of widget_type on widgets
  for each row when (old.widget_type is distinct from new.widget_type) execute function ihf_check_widget_type();

grant select, insert, update on hubs, widgets to ihf_app;
