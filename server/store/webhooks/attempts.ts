import type { Db } from '../database/database.ts';
import type { Delivery } from './deliveries.ts';

/** One attempt with all that is kept of its request and its response. */
export interface Attempt extends Delivery {
  /** Where it went. Null, as the headers, in what was written before they were kept. */
  url: string | null;
  request_headers: Record<string, string> | null;
  response_headers: Record<string, string> | null;
  /** The message, as long as it is kept. */
  topic: string | null;
  /** As it was written when it happened, byte by byte. */
  data: string | null;
  created_at: string | null;
  /** When the message arrived, by whatever attempt. */
  arrived_at: string | null;
}

export async function findAttempt(db: Db, subscriptionId: string, id: string): Promise<Attempt | undefined> {
  const [attempt] = await db.query<Attempt>(
    `select delivery.id, subscription_id, message_id, attempt, ended_at, duration_ms, succeeded, status_code, error,
       response, url, request_headers, response_headers, topic, data::text as data, created_at,
       (select min(ended_at) from webhook_deliveries as arrival where arrival.message_id = delivery.message_id
         and arrival.subscription_id = delivery.subscription_id and succeeded) as arrived_at
     from webhook_deliveries as delivery left join webhook_messages as message on message.id = message_id
     where delivery.id = $1 and subscription_id = $2`,
    [id, subscriptionId],
  );
  return attempt;
}
