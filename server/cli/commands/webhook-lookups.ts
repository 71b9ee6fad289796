import { IhfError } from '../../errors.ts';
import { UUID } from '../../patterns.ts';
import type { Db } from '../../store/database/database.ts';
import { findHubIdOf } from '../../store/operators/hub-lookup.ts';
import { findSubscription, type Subscription } from '../../store/webhooks/subscriptions.ts';

/** The description of the argument, in the help of each command that has it. */
export const SUBSCRIPTION = "Id of the subscription, as in 'ihf webhooks list'";

/** An id for the examples of the help. */
export const EXAMPLE_ID = '01a20992-e11d-72de-af53-f1126c373589';

export async function findSubscriptionById(db: Db, id: string): Promise<Subscription> {
  const hubId = UUID.test(id) ? await findHubIdOf(db, 'webhook_subscriptions', id.toLowerCase()) : undefined;
  const found = hubId && (await findSubscription(db, hubId, id.toLowerCase()));
  if (found) return found;
  throw new IhfError(
    'not_found',
    `There is no webhook subscription '${id}'. Run 'ihf webhooks list' to list all subscriptions.`,
  );
}
