-- The server works as a role that owns nothing, so that it cannot drop a trigger or rewrite append-only rows.
-- Roles belong to the whole database server: another database on it may have created this role, or be creating it now.
do $$
begin
  create role ihf_app nologin;
exception
  when duplicate_object or unique_violation then null;
  when insufficient_privilege then
    raise exception 'The user % must be allowed to create the role ihf_app', current_user
      using hint = 'Run once as an administrator: create role ihf_app nologin; grant ihf_app to ' || current_user || ';';
end $$;

do $$
begin
  if not pg_has_role(current_user, 'ihf_app', 'member') then
    execute format('grant ihf_app to %I', current_user);
  end if;
  execute format('grant usage on schema public to ihf_app');
  -- A node whose login owns nothing must see that no migration is pending.
  grant select on public.schema_migrations to ihf_app;
end $$;

-- Ids are UUIDs of version 7 (RFC 9562, section 5.7), created by the database: one clock orders the rows of all nodes.
-- ihf_uuidv7() is an id of now, ihf_uuidv7_at() of any time. Postgres 18 has a function for both.
do $$
begin
  if current_setting('server_version_num')::int >= 180000 then
    create function ihf_uuidv7() returns uuid language sql volatile parallel safe
      return uuidv7();
    create function ihf_uuidv7_at(at timestamptz) returns uuid language sql volatile parallel safe
      return uuidv7(at - clock_timestamp());
  else
    create function ihf_uuidv7() returns uuid language sql volatile parallel safe as $sql$
      select encode(
        set_bit(set_bit(
          overlay(uuid_send(gen_random_uuid()) placing substring(
            int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3) from 1 for 6),
          52, 1), 53, 1), 'hex')::uuid
    $sql$;
    create function ihf_uuidv7_at(at timestamptz) returns uuid language sql volatile parallel safe
      return encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid()) placing
        substring(int8send((extract(epoch from at) * 1000)::bigint) from 3) from 1 for 6), 52, 1), 53, 1), 'hex')::uuid;
  end if;
end $$;

-- The time in an id, to the millisecond.
create function ihf_uuidv7_time(id uuid) returns timestamptz language sql immutable parallel safe
  return to_timestamp(('x' || translate(left(id::text, 13), '-', ''))::bit(48)::bigint::double precision / 1000);

-- The lowest id of a millisecond, which turns a time into a bound on ids, and so on partitions. No id is before 1970.
create function ihf_uuidv7_floor(at timestamptz) returns uuid language sql immutable parallel safe
  return (lpad(to_hex(greatest(0, ceil(extract(epoch from at) * 1000))::bigint), 12, '0') || repeat('0', 20))::uuid;

-- The author of a change, for contract revisions and the audit log: the session variable `ihf.actor`, or the database
-- user where it is not set.
create function ihf_actor() returns text language sql stable
  return coalesce(nullif(current_setting('ihf.actor', true), ''), session_user);

-- Whether a text that an operator wrote is safe in every output: documents, SDKs, pages, terminals and logs. Control
-- characters and line separators break parsers, bidirectional controls make a text look like another one, and
-- noncharacters are not for interchange (Unicode Standard, section 23.7). Prose can contain tabs and line feeds.
create function ihf_is_plain_text(value text, is_prose boolean default false) returns boolean
language sql immutable parallel safe
  return case when is_prose then translate(value, E'\t\n', '') else value end !~ ('['
    || '\u0001-\u001f\u007f-\u009f\u2028\u2029'
    || '\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069'
    || '\ufdd0-\ufdef\ufffe\uffff\U0001fffe\U0001ffff\U0002fffe\U0002ffff\U0003fffe\U0003ffff'
    || '\U0004fffe\U0004ffff\U0005fffe\U0005ffff\U0006fffe\U0006ffff\U0007fffe\U0007ffff'
    || '\U0008fffe\U0008ffff\U0009fffe\U0009ffff\U000afffe\U000affff\U000bfffe\U000bffff'
    || '\U000cfffe\U000cffff\U000dfffe\U000dffff\U000efffe\U000effff\U000ffffe\U000fffff'
    || '\U0010fffe\U0010ffff]');

-- Maintenance moves rows from a default partition to that of their time, which deletes them from the former.
create function ihf_reject_change() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' and tg_table_name = current_setting('ihf.moves_rows_of', true) then
    return old;
  end if;
  raise exception '% is append-only', tg_table_name using errcode = 'IH003', table = tg_table_name;
end $$;
