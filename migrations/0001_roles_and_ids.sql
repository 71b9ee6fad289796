-- The hub works as a role that owns nothing, so that it cannot drop a trigger or rewrite what is append-only.
-- Roles belong to the whole server: another database of it may have made this one already, or be making it now.
do $$
begin
  create role ihf_app nologin;
exception
  when duplicate_object or unique_violation then null;
  when insufficient_privilege then
    raise exception 'The user % may not create the role ihf_app', current_user
      using hint = 'Run once as an administrator: create role ihf_app nologin; grant ihf_app to ' || current_user || ';';
end $$;

do $$
begin
  if not pg_has_role(current_user, 'ihf_app', 'member') then
    execute format('grant ihf_app to %I', current_user);
  end if;
  execute format('grant usage on schema public to ihf_app');
end $$;

-- Ids are UUIDs of version 7 (RFC 9562, section 5.7), made by the database: one clock orders what all nodes store.
do $$
begin
  if current_setting('server_version_num')::int >= 180000 then
    create function ihf_uuidv7() returns uuid language sql volatile parallel safe
      return uuidv7();
  else
    create function ihf_uuidv7() returns uuid language sql volatile parallel safe as $sql$
      select encode(
        set_bit(set_bit(
          overlay(uuid_send(gen_random_uuid()) placing substring(
            int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3) from 1 for 6),
          52, 1), 53, 1), 'hex')::uuid
    $sql$;
  end if;
end $$;

-- The time that an id holds, to the millisecond.
create function ihf_uuidv7_time(id uuid) returns timestamptz language sql immutable parallel safe
  return to_timestamp(('x' || translate(left(id::text, 13), '-', ''))::bit(48)::bigint::double precision / 1000);

-- The lowest id of a millisecond: times become bounds on the id, and so on partitions. No id is older than 1970.
create function ihf_uuidv7_floor(at timestamptz) returns uuid language sql immutable parallel safe
  return (lpad(to_hex(greatest(0, ceil(extract(epoch from at) * 1000))::bigint), 12, '0') || repeat('0', 20))::uuid;
