import { UUID } from '../../patterns.ts';
import type { Db } from '../database/database.ts';
import { type Page, type PagedList, type PageRequest, readPage } from '../database/pagination.ts';

/** One attempt to deliver a message. */
export interface Attempt {
  id: string;
  subscription_id: string;
  message_id: string;
  /** Its number since the message was last queued, from 1. */
  attempt: number;
  ended_at: string;
  duration_ms: number;
  succeeded: boolean;
  status_code: number | null;
  error: string | null;
  /** The beginning of the response. */
  response: string;
}

const LIST: PagedList<Attempt> = {
  name: 'webhook_attempts',
  select: `select id, subscription_id, message_id, attempt, ended_at, duration_ms, succeeded, status_code, error, response
    from webhook_attempts where hub_id = $1 and subscription_id = $2`,
  key: 'id',
  keyPattern: UUID,
  keyOf: (attempt) => attempt.id,
};

export interface AttemptFilters extends PageRequest {
  message_id?: string | undefined;
  succeeded?: boolean | undefined;
}

export function listAttempts(
  db: Db,
  hubId: string,
  subscriptionId: string,
  filters: AttemptFilters,
): Promise<Page<Attempt>> {
  return readPage(
    db,
    filters.succeeded === undefined ? { ...LIST, eitherOf: ['succeeded', 'not succeeded'] } : LIST,
    [hubId, subscriptionId],
    [
      ['message_id = ?', filters.message_id],
      ['succeeded = ?', filters.succeeded],
    ],
    filters,
  );
}

/** One attempt with its request and its response. */
export interface AttemptDetails extends Attempt {
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
  delivered_at: string | null;
}

export async function findAttempt(
  db: Db,
  hubId: string,
  subscriptionId: string,
  id: string,
): Promise<AttemptDetails | undefined> {
  const [attempt] = await db.query<AttemptDetails>(
    `select one.id, subscription_id, message_id, attempt, ended_at, duration_ms, succeeded, status_code, error,
       response, url, request_headers, response_headers, topic, data::text as data, created_at,
       (select min(ended_at) from webhook_attempts as delivered
         where delivered.hub_id = one.hub_id and delivered.message_id = one.message_id
           and delivered.subscription_id = one.subscription_id and succeeded) as delivered_at
     from webhook_attempts as one
     left join webhook_messages as message on message.hub_id = one.hub_id and message.id = message_id
     where one.hub_id = $1 and subscription_id = $2 and one.id = $3`,
    [hubId, subscriptionId, id],
  );
  return attempt;
}
