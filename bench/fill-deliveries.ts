import type pg from 'pg';

/** The amount of data. The first subscription has half of the attempts, all successful. */
export interface DeliveryShape {
  attempts: number;
  subscriptions: number;
}

/** Fills the last 24 hours of the hub 'bench' with events, messages and delivery attempts. */
export async function fillDeliveries(admin: pg.Client, { attempts, subscriptions }: DeliveryShape): Promise<void> {
  await admin.query(
    `with widget as (
       insert into widgets (hub_id, key, widget_type, name)
       select id, 'pay', 'button', 'Pay' from hubs where slug = 'bench' returning id, hub_id
     )
     insert into interaction_events (hub_id, widget_id, event_type, occurred_at)
     select hub_id, id, 'clicked', now() from widget, generate_series(1, 20000)`,
  );
  await admin.query(
    `insert into hub_capability_manifests (hub_id, name) select id, 'Bench' from hubs where slug = 'bench'`,
  );
  // Inserted before the subscriptions, so that nothing is queued.
  await admin.query(
    `insert into webhook_messages (id, hub_id, topic, data)
     select ihf_uuidv7_at(now() - interval '1 day' * n / $1::int), hubs.id, 'interaction.recorded',
       json_build_object('event_type', 'clicked', 'properties', json_build_object('number', n))
     from hubs, generate_series(1, $1::int) as n where slug = 'bench'`,
    [attempts],
  );
  await admin.query(
    `insert into webhook_subscriptions (hub_id, url, topics, keys)
     select id, 'https://example.com/hooks/' || n, '{interaction.recorded}', ''
     from hubs, generate_series(1, $1::int) as n where slug = 'bench'`,
    [subscriptions],
  );
  await admin.query(
    `insert into webhook_attempts (hub_id, id, subscription_id, message_id, attempt, duration_ms, succeeded,
       status_code, error, response, url, request_headers, response_headers)
     select message.hub_id, ihf_uuidv7_at(ihf_uuidv7_time(message.id) + interval '1 second'),
       subscriptions[case when number % 2 = 0 then 1 else 2 + number / 2 % ($1::int - 1) end], message.id, 1, 30,
       not failed, case when failed then 500 else 200 end, case when failed then 'The endpoint answered 500.' end, 'ok',
       'https://example.com/hooks', '{"webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}',
       '{"content-type": "text/plain"}'
     from (select hub_id, id, row_number() over (order by id)::int as number from webhook_messages) as message,
       lateral (select number % 2 = 1 and number % 101 = 0 as failed) as drawn,
       (select array_agg(id order by id) as subscriptions from webhook_subscriptions) as known`,
    [subscriptions],
  );
}
