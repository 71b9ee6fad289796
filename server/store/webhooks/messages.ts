import type { Db } from '../database/database.ts';

export interface WebhookMessage {
  id: string;
  topic: string;
}

/** The messages of a hub with these ids, as far as they are still stored. */
export function findMessages(db: Db, hubId: string, ids: readonly string[]): Promise<WebhookMessage[]> {
  return db.query<WebhookMessage>(
    'select id, topic from webhook_messages where hub_id = $1 and id = any ($2::uuid[])',
    [hubId, ids],
  );
}
