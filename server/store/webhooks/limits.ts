import type { Db } from '../database/database.ts';

/** The limits of the installation. */
export interface WebhookLimits {
  /** Maximum number of subscriptions of a hub that have not ended: also of the deliveries of one message. */
  subscriptions_per_hub: number;
  /** Maximum number of queued messages of a subscription, to about one percent. The oldest are given up. */
  queued_per_subscription: number;
}

const COLUMNS = 'subscriptions_per_hub, queued_per_subscription';

export async function readWebhookLimits(db: Db): Promise<WebhookLimits> {
  const [limits] = await db.query<WebhookLimits>(`select ${COLUMNS} from webhook_limits`);
  return limits as WebhookLimits;
}

/** Sets those that are given. @throws IhfError invalid_request if one is out of range. */
export async function updateWebhookLimits(
  db: Db,
  { subscriptions_per_hub, queued_per_subscription }: Partial<WebhookLimits>,
): Promise<WebhookLimits> {
  const [limits] = await db.query<WebhookLimits>(
    `update webhook_limits set subscriptions_per_hub = coalesce($1, subscriptions_per_hub),
       queued_per_subscription = coalesce($2, queued_per_subscription)
     returning ${COLUMNS}`,
    [subscriptions_per_hub ?? null, queued_per_subscription ?? null],
  );
  return limits as WebhookLimits;
}
