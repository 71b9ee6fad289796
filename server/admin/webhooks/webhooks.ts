import { valueNoun } from '../../../codegen/value-noun.ts';
import { listAttempts } from '../../store/webhooks/attempts.ts';
import { readWebhookLimits, type WebhookLimits } from '../../store/webhooks/limits.ts';
import { findMessages } from '../../store/webhooks/messages.ts';
import { listSubscriptionFilters, type SubscriptionFilter } from '../../store/webhooks/subscription-filters.ts';
import { listSubscriptions, type Subscription } from '../../store/webhooks/subscriptions.ts';
import { count, moment, number } from '../core/format.ts';
import { idParam } from '../core/lookups.ts';
import type { AdminContext, OperatorPage, Page, PageRequest } from '../core/page.ts';
import { nextPageUrl } from '../core/pagination.ts';
import { subscriptionById } from '../core/rows-by-id.ts';
import { OVERLAPS } from '../forms/fields.ts';
import { type FieldError, formPage } from '../forms/form-page.ts';
import { allHubs, slugOf } from '../hubs/all-hubs.ts';
import { attemptView, webhookLine } from './webhook-view.ts';

const PAGE_SIZE = 50;
const ATTEMPTS_PAGE_SIZE = 25;

export const webhooksPage: OperatorPage = async ({ query }, { database }) => {
  const cursor = query.get('cursor') ?? undefined;
  const [page, hubs] = await Promise.all([
    listSubscriptions(database, undefined, { limit: PAGE_SIZE, cursor }),
    allHubs(database),
  ]);
  const lines = page.data.map((subscription) => ({
    ...webhookLine(subscription),
    hub: slugOf(hubs, subscription.hub_id),
  }));
  const older = nextPageUrl('/admin/webhooks', {}, page.next_cursor);
  return { page: 'webhooks/list', title: 'Webhooks', view: { lines, older } };
};

/** The subscription in the path. */
export function subscriptionParam(request: PageRequest, { database }: AdminContext): Promise<Subscription> {
  return subscriptionById(database, idParam(request));
}

export const webhookPage: OperatorPage = async (request, context) =>
  webhookWith(context, await subscriptionParam(request, context), request.query, []);

/** The page of a subscription, with the validation issues of a rejected action. */
export async function webhookWith(
  { database }: AdminContext,
  subscription: Subscription,
  query: URLSearchParams,
  errors: FieldError[],
): Promise<Page> {
  const onlyFailed = query.get('only') === 'failed';
  const page = await listAttempts(database, subscription.hub_id, subscription.id, {
    limit: ATTEMPTS_PAGE_SIZE,
    cursor: query.get('cursor') ?? undefined,
    succeeded: onlyFailed ? false : undefined,
  });
  const messageIds = [...new Set(page.data.map(({ message_id }) => message_id))];
  const messages = await findMessages(database, subscription.hub_id, messageIds);
  const limits = await readWebhookLimits(database);
  const byId = new Map(messages.map((message) => [message.id, message]));
  const view = {
    ...webhookLine(subscription),
    settings: settingsOf(subscription, limits, await listSubscriptionFilters(database)),
    since: moment(subscription.status_changed_at),
    isPaused: subscription.status === 'paused',
    isEnded: subscription.status === 'ended',
    ...(subscription.given_up > 0 && {
      givenUp: count(subscription.given_up, 'message'),
      givenUpAt: moment(subscription.given_up_at),
    }),
    rotating: moment(subscription.previous_keys_until),
    overlaps: OVERLAPS,
    attempts: page.data.map((delivery) => {
      const message = byId.get(delivery.message_id);
      return { ...attemptView(delivery), topic: message?.topic };
    }),
    onlyFailed,
    older: nextPageUrl(
      `/admin/webhooks/${subscription.id}`,
      { ...(onlyFailed && { only: 'failed' }) },
      page.next_cursor,
    ),
  };
  return formPage({ page: 'webhooks/webhook', title: 'Webhook subscription', view }, errors);
}

function settingsOf(
  subscription: Subscription,
  limits: WebhookLimits,
  filters: readonly SubscriptionFilter[],
): string[] {
  const { ordered, max_in_flight, rate_per_second } = subscription;
  const values: Readonly<Record<string, unknown>> = { ...subscription };
  return [
    ...filters.map(({ field, registry }) => values[field] && `only ${valueNoun(registry)} ${values[field]}`),
    ordered && 'in order per widget',
    `at most ${max_in_flight} concurrent deliveries`,
    rate_per_second && `at most ${rate_per_second} deliveries per second`,
    `at most ${number(limits.queued_per_subscription)} queued messages, then the oldest are given up`,
    `at most ${limits.subscriptions_per_hub} subscriptions per hub`,
  ].filter((text): text is string => typeof text === 'string');
}
