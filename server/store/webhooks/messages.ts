import type { Db } from '../database/database.ts';

export interface WebhookMessage {
  id: string;
  topic: string;
}

/** The messages with these ids, as far as they are still kept. */
export function findMessages(db: Db, ids: readonly string[]): Promise<WebhookMessage[]> {
  return db.query<WebhookMessage>('select id, topic from webhook_messages where id = any ($1::uuid[])', [ids]);
}
