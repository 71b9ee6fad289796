import type { Db } from '../database/database.ts';
import type { Delivery } from './deliveries.ts';

/** One attempt with its request and its response. */
export interface Attempt extends Delivery {
  /** The URL of the request. Null, like the headers, if no request was sent. */
  url: string | null;
  request_headers: Record<string, string> | null;
  response_headers: Record<string, string> | null;
  /** The topic of the message; null once the message is no longer stored. */
  topic: string | null;
  /** The JSON of the message, byte by byte. */
  data: string | null;
  created_at: string | null;
  /** When the message was delivered, by any attempt. */
  arrived_at: string | null;
}

export async function findAttempt(
  db: Db,
  hubId: string,
  subscriptionId: string,
  id: string,
): Promise<Attempt | undefined> {
  const [attempt] = await db.query<Attempt>(
    `select delivery.id, subscription_id, message_id, attempt, ended_at, duration_ms, succeeded, status_code, error,
       response, url, request_headers, response_headers, topic, data::text as data, created_at,
       (select min(ended_at) from webhook_deliveries as arrival
         where arrival.hub_id = delivery.hub_id and arrival.message_id = delivery.message_id
           and arrival.subscription_id = delivery.subscription_id and succeeded) as arrived_at
     from webhook_deliveries as delivery
     left join webhook_messages as message on message.hub_id = delivery.hub_id and message.id = message_id
     where delivery.hub_id = $1 and subscription_id = $2 and delivery.id = $3`,
    [hubId, subscriptionId, id],
  );
  return attempt;
}
