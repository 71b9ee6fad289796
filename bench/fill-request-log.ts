import type pg from 'pg';

const CHUNK = 500_000;

/** The amount of data. The first consumers and operations are the busiest. */
export interface LogShape {
  rows: number;
  consumers: number;
  operations: number;
}

/**
 * Fills the log with requests of the last 24 hours: busy and quiet consumers, each with a key rotation in progress, and
 * durations from 1 ms to seconds. The trigger of the log computes the counts. The first call creates the hub 'bench' with
 * consumers, keys and operations.
 */
export async function fillRequestLog(admin: pg.Client, shape: LogShape): Promise<void> {
  const { rows, consumers, operations } = shape;
  const { rowCount } = await admin.query('select from api_consumers limit 1');
  if (rowCount === 0) await createCallers(admin, shape);
  for (let done = 0; done < rows; done += CHUNK) {
    await admin.query(
      `insert into api_request_log (id, consumer_id, key_prefix, operation, method, status, duration_us, bytes_in,
         bytes_out, request_id, revision, sdk, sdk_revision, problem)
       select ihf_uuidv7_at(now() - interval '1 day' * ($1::int + n) / $3::int), consumers[who],
         'ihf_live_' || case when n % 8 = 0 then 'a' else 'b' end || lpad(who::text, 5, '0'),
         operations[1 + floor($5::int * random() ^ 2)::int], 'GET', status, (1000 * exp(2 + random_normal))::int, 400, 900,
         'request-' || n, 1, 'typescript', 1,
         case status when 422 then 'invalid-request' when 429 then 'too-many-requests'
           when 500 then 'internal-error' end
       from generate_series(1, least($2::int, $3::int - $1::int)) as n,
         lateral (select case when n % 50 = 0 then 422 when n % 70 = 0 then 429 when n % 900 = 0 then 500
           else 200 end::smallint as status, (random() + random() + random() + random() - 2) * 1.7 as random_normal,
           1 + floor($4::int * random() ^ 2)::int as who) as drawn,
         (select array_agg(id order by id) as consumers from api_consumers) as known_consumers,
         (select array_agg(id) as operations from api_operations) as known_operations`,
      [done, CHUNK, rows, consumers, operations],
    );
  }
}

async function createCallers(admin: pg.Client, { consumers, operations }: Omit<LogShape, 'rows'>): Promise<void> {
  await admin.query(`insert into hubs (slug, name) values ('bench', 'Bench')`);
  await admin.query(
    `insert into api_consumers (hub_id, name) select id, 'consumer ' || n from hubs, generate_series(1, $1) as n`,
    [consumers],
  );
  await admin.query(
    `insert into api_keys (hub_id, consumer_id, key_hash, key_prefix, last_used_at)
     select hub_id, id, sha256(prefix::bytea), prefix, now()
     from api_consumers, unnest(array['a', 'b']) as which,
       lateral (select 'ihf_live_' || which || lpad(split_part(name, ' ', 2), 5, '0') as prefix) as made`,
  );
  await admin.query(
    `update api_keys as old set replaced_by = new.id, expires_at = now() + interval '7 days'
     from api_keys as new
     where new.hub_id = old.hub_id and new.consumer_id = old.consumer_id
       and old.key_prefix like 'ihf_live_a%' and new.key_prefix like 'ihf_live_b%'`,
  );
  await admin.query(
    `insert into api_key_usage (hub_id, key_id, hour, requests, superseded)
     select hub_id, id, date_trunc('hour', now()) - n * interval '1 hour', 5000, 5000
     from api_keys, generate_series(0, 719) as n`,
  );
  await admin.query(
    `insert into api_operations (name, method, path)
     select 'operation' || n, 'get', '/operations/' || n from generate_series(1, $1) as n`,
    [operations],
  );
}
