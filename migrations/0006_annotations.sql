create table annotations (
  id uuid primary key default ihf_uuidv7(),
  hub_id uuid not null references hubs (id),
  widget_id uuid not null references widgets (id),
  event_id uuid references interaction_events (id),
  category text not null references annotation_categories (name),
  body text not null,
  author text,
  status text not null default 'open' check (status in ('open', 'resolved')),
  created_at timestamptz not null generated always as (ihf_uuidv7_time(id)) stored,
  resolved_at timestamptz,
  resolved_by text,
  resolution text,
  constraint resolved_has_time check ((status = 'resolved') = (resolved_at is not null))
);
create index on annotations (hub_id, id);
create index on annotations (widget_id, id);
create index on annotations (event_id) where event_id is not null;

create function ihf_check_annotation_category() returns trigger language plpgsql as $$
declare
  word annotation_categories;
begin
  select * into word from annotation_categories where name = new.category;
  if word.status = 'retired' then
    perform ihf_refuse_retired('annotation_categories', 'category', word.name, word.replaced_by);
  end if;
  return new;
end $$;
create trigger check_category before insert on annotations for each row execute function ihf_check_annotation_category();
create trigger check_category_change before update of category on annotations
  for each row when (old.category is distinct from new.category) execute function ihf_check_annotation_category();

grant select, insert, update on annotations to ihf_app;
