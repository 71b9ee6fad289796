import { listHubs } from '../store/interactions/hubs.ts';
import { listDeliveries } from '../store/webhooks/deliveries.ts';
import { findMessages } from '../store/webhooks/messages.ts';
import { listSubscriptions, type Subscription } from '../store/webhooks/subscriptions.ts';
import { subscriptionById } from './by-id.ts';
import { GRACES } from './fields.ts';
import { moment } from './format.ts';
import { ALL } from './hubs.ts';
import { type AdminContext, type FieldError, idParam, type OperatorPage, type PageResponse } from './page.ts';
import { attemptView, webhookLine } from './webhook-view.ts';

const SHOWN = 50;
const ATTEMPTS_SHOWN = 25;

export const webhooksPage: OperatorPage = async ({ query }, { database }) => {
  const cursor = query.get('cursor') ?? undefined;
  const [page, hubs] = await Promise.all([
    listSubscriptions(database, undefined, { limit: SHOWN, cursor }),
    listHubs(database, ALL),
  ]);
  const lines = page.data.map((subscription) => ({
    ...webhookLine(subscription),
    hub: hubs.data.find(({ id }) => id === subscription.hub_id)?.slug,
  }));
  const older = page.next_cursor && `/admin/webhooks?cursor=${page.next_cursor}`;
  return { page: 'webhooks', title: 'Webhooks', view: { lines, older } };
};

export const webhookPage: OperatorPage = async (visit, desk) => {
  const subscription = await subscriptionById(desk.database, idParam(visit));
  return webhookWith(desk, subscription, visit.query, []);
};

/** The page of a subscription, with what is wrong with what was just asked for. */
export async function webhookWith(
  { database }: AdminContext,
  subscription: Subscription,
  query: URLSearchParams,
  errors: FieldError[],
): Promise<PageResponse & { page: string }> {
  const succeeded = query.get('only') === 'failed' ? false : undefined;
  const cursor = query.get('cursor') ?? undefined;
  const page = await listDeliveries(database, subscription.hub_id, subscription.id, {
    limit: ATTEMPTS_SHOWN,
    cursor,
    succeeded,
  });
  const messages = await findMessages(database, subscription.hub_id, [
    ...new Set(page.data.map(({ message_id }) => message_id)),
  ]);
  const byId = new Map(messages.map((message) => [message.id, message]));
  const address = `/admin/webhooks/${subscription.id}`;
  const view = {
    ...webhookLine(subscription),
    filters: filtersOf(subscription),
    since: moment(subscription.status_changed_at),
    isPaused: subscription.status === 'paused',
    goesOn: subscription.status !== 'ended',
    rotating: moment(subscription.previous_keys_until),
    graces: GRACES,
    attempts: page.data.map((delivery) => {
      const message = byId.get(delivery.message_id);
      return { ...attemptView(delivery), topic: message?.topic };
    }),
    onlyFailed: succeeded === false,
    older: page.next_cursor && `${address}?only=${query.get('only') ?? ''}&cursor=${page.next_cursor}`,
    errors,
  };
  return { page: 'webhook', title: 'Webhook subscription', view, ...(errors.length > 0 && { status: 422 }) };
}

function filtersOf(subscription: Subscription): string[] {
  const { widget_type, event_type, category, ordered, max_in_flight, rate_per_second } = subscription;
  return [
    widget_type && `widgets of type ${widget_type}`,
    event_type && `events of type ${event_type}`,
    category && `annotations of category ${category}`,
    ordered && 'in order',
    `${max_in_flight} at a time`,
    rate_per_second && `${rate_per_second} a second`,
  ].filter((text): text is string => typeof text === 'string');
}
