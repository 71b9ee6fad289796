import type { Operations } from '../../generated/operations.ts';
import { actingAs } from '../store/database/actor.ts';
import type { Db } from '../store/database/database.ts';
import { listAttempts } from '../store/webhooks/attempts.ts';
import { queueTestMessage } from '../store/webhooks/messages.ts';
import { countUndelivered, findRecovery, insertRecovery } from '../store/webhooks/recoveries.ts';
import { queueRedelivery } from '../store/webhooks/redeliveries.ts';
import {
  deleteSubscription,
  findSubscription,
  listSubscriptions,
  type Subscription,
} from '../store/webhooks/subscriptions.ts';
import {
  assertNotEnded,
  changeSubscription,
  createSubscription,
  rotateWebhookSecret,
} from '../webhooks/subscriptions.ts';
import { type Context, callerHub, created, orNotFound, pageOf } from './context.ts';

const PATH = '/api/v2/webhook-subscriptions';

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
  | 'countUndeliveredWebhooks'
  | 'recoverWebhooks'
  | 'getWebhookRecovery'
> = {
  async listWebhookSubscriptions({ query }, context) {
    return { status: 200, body: await listSubscriptions(context.db, callerHub(context), pageOf(query)) };
  },
  async createWebhookSubscription({ body }, context) {
    const webhook = await createSubscription(asCaller(context), context.webhooks, {
      ...body,
      hub_id: callerHub(context),
    });
    return created(webhook, `${PATH}/${webhook.subscription.id}`);
  },
  async getWebhookSubscription({ params }, context) {
    return { status: 200, body: await subscriptionOf(params, context) };
  },
  async updateWebhookSubscription({ params, body }, context) {
    const subscription = await subscriptionOf(params, context);
    return { status: 200, body: await changeSubscription(asCaller(context), context.webhooks, subscription, body) };
  },
  async deleteWebhookSubscription({ params }, context) {
    const subscription = await subscriptionOf(params, context);
    await deleteSubscription(asCaller(context), subscription.hub_id, subscription.id);
    return { status: 200, body: subscription };
  },
  async rotateWebhookSecret({ params, body }, context) {
    const subscription = await subscriptionOf(params, context);
    return {
      status: 200,
      body: await rotateWebhookSecret(asCaller(context), context.webhooks, subscription, body.overlap_seconds),
    };
  },
  async sendTestWebhook({ params }, context) {
    const { hub_id, id } = assertNotEnded(await subscriptionOf(params, context));
    return { status: 202, body: await queueTestMessage(context.db, hub_id, id) };
  },
  async listWebhookAttempts({ params, query }, context) {
    const { hub_id, id } = await subscriptionOf(params, context);
    return { status: 200, body: await listAttempts(context.db, hub_id, id, pageOf(query)) };
  },
  async redeliverWebhook({ params, body }, context) {
    const { hub_id, id } = assertNotEnded(await subscriptionOf(params, context));
    const queued = await queueRedelivery(context.db, hub_id, id, body.message_id);
    return { status: 202, body: orNotFound(queued, `message ${body.message_id} for this subscription`) };
  },
  async countUndeliveredWebhooks({ params, query }, context) {
    const { hub_id, id } = await subscriptionOf(params, context);
    const undelivered = await countUndelivered(context.db, hub_id, id, query.since);
    return { status: 200, body: { since: query.since, undelivered } };
  },
  async recoverWebhooks({ params, body }, context) {
    const { hub_id, id } = assertNotEnded(await subscriptionOf(params, context));
    const recovery = await insertRecovery(context.db, hub_id, id, body.since);
    return created(recovery, `${PATH}/${id}/recoveries/${recovery.id}`);
  },
  async getWebhookRecovery({ params }, context) {
    const { hub_id, id } = await subscriptionOf(params, context);
    const recovery = await findRecovery(context.db, hub_id, id, params.recovery_id);
    return { status: 200, body: orNotFound(recovery, `recovery ${params.recovery_id} of this subscription`) };
  },
};

/** Changes are recorded in the audit log as those of the caller. */
function asCaller({ db, actor }: Context): Db {
  return actingAs(db, actor);
}

async function subscriptionOf(params: { subscription_id: string }, context: Context): Promise<Subscription> {
  const subscription = await findSubscription(context.db, callerHub(context), params.subscription_id);
  return orNotFound(subscription, `webhook subscription ${params.subscription_id}`);
}
