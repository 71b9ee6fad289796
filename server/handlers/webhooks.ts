import type { Operations } from '../../generated/operations.ts';
import { actingAs } from '../store/actor.ts';
import type { Db } from '../store/database.ts';
import { listDeliveries, queueAgain, queueTest } from '../store/webhook-deliveries.ts';
import { countMissed, findRecovery, insertRecovery } from '../store/webhook-recoveries.ts';
import {
  deleteSubscription,
  findSubscription,
  listSubscriptions,
  type Subscription,
} from '../store/webhook-subscriptions.ts';
import { change, mustGoOn, rotate, subscribe } from '../webhooks/subscribing.ts';
import { type Context, created, found, hubOf, pageOf } from './context.ts';

const ADDRESS = '/api/v2/webhook-subscriptions';

export const webhooks: Pick<
  Operations<Context>,
  | 'listWebhookSubscriptions'
  | 'createWebhookSubscription'
  | 'getWebhookSubscription'
  | 'updateWebhookSubscription'
  | 'deleteWebhookSubscription'
  | 'rotateWebhookSecret'
  | 'sendTestWebhook'
  | 'listWebhookAttempts'
  | 'redeliverWebhook'
  | 'countMissedWebhooks'
  | 'recoverWebhooks'
  | 'getWebhookRecovery'
> = {
  async listWebhookSubscriptions({ query }, context) {
    return { status: 200, body: await listSubscriptions(context.db, hubOf(context), pageOf(query)) };
  },
  async createWebhookSubscription({ body }, context) {
    const made = await subscribe(asCaller(context), context.webhooks, { ...body, hub_id: hubOf(context) });
    return created(made, `${ADDRESS}/${made.subscription.id}`);
  },
  async getWebhookSubscription({ params }, context) {
    return { status: 200, body: await subscriptionOf(params, context) };
  },
  async updateWebhookSubscription({ params, body }, context) {
    const subscription = await subscriptionOf(params, context);
    return { status: 200, body: await change(asCaller(context), context.webhooks, subscription, body) };
  },
  async deleteWebhookSubscription({ params }, context) {
    const subscription = await subscriptionOf(params, context);
    await deleteSubscription(asCaller(context), subscription.id);
    return { status: 200, body: subscription };
  },
  async rotateWebhookSecret({ params, body }, context) {
    const subscription = await subscriptionOf(params, context);
    return { status: 200, body: await rotate(asCaller(context), context.webhooks, subscription, body.overlap_seconds) };
  },
  async sendTestWebhook({ params }, context) {
    const { id } = mustGoOn(await subscriptionOf(params, context));
    return { status: 202, body: await queueTest(context.db, id) };
  },
  async listWebhookAttempts({ params, query }, context) {
    const { id } = await subscriptionOf(params, context);
    return { status: 200, body: await listDeliveries(context.db, id, pageOf(query)) };
  },
  async redeliverWebhook({ params, body }, context) {
    const { id } = mustGoOn(await subscriptionOf(params, context));
    const queued = await queueAgain(context.db, id, body.message_id);
    return { status: 202, body: found(queued, `message ${body.message_id} for this subscription`) };
  },
  async countMissedWebhooks({ params, query }, context) {
    const { id } = await subscriptionOf(params, context);
    return { status: 200, body: { since: query.since, missed: await countMissed(context.db, id, query.since) } };
  },
  async recoverWebhooks({ params, body }, context) {
    const { id } = mustGoOn(await subscriptionOf(params, context));
    const recovery = await insertRecovery(context.db, id, body.since);
    return created(recovery, `${ADDRESS}/${id}/recoveries/${recovery.id}`);
  },
  async getWebhookRecovery({ params }, context) {
    const { id } = await subscriptionOf(params, context);
    const recovery = await findRecovery(context.db, id, params.recovery_id);
    return { status: 200, body: found(recovery, `recovery ${params.recovery_id} of this subscription`) };
  },
};

/** What the caller changes stands in the audit log as its own. */
function asCaller({ db, actor }: Context): Db {
  return actingAs(db, actor);
}

async function subscriptionOf(params: { subscription_id: string }, context: Context): Promise<Subscription> {
  const subscription = await findSubscription(context.db, hubOf(context), params.subscription_id);
  return found(subscription, `webhook subscription ${params.subscription_id}`);
}
