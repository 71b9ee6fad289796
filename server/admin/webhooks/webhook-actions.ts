import { UUID } from '../../patterns.ts';
import type { Db } from '../../store/database/database.ts';
import { recordAudit } from '../../store/operators/audit-log.ts';
import { queueTestMessage } from '../../store/webhooks/messages.ts';
import { estimateUndelivered, insertRecovery } from '../../store/webhooks/recoveries.ts';
import { queueRedelivery } from '../../store/webhooks/redeliveries.ts';
import { type Subscription, updateSubscription } from '../../store/webhooks/subscriptions.ts';
import { count, number } from '../core/format.ts';
import { idParam } from '../core/lookups.ts';
import { actorOf, asOperator } from '../core/operator.ts';
import type { OperatorPage, OperatorPageRequest } from '../core/page.ts';
import { invalidField, parseDateTime, textField } from '../forms/fields.ts';
import { fieldErrors } from '../forms/form-page.ts';
import { subscriptionParam, webhookWith } from './webhooks.ts';

/** An action on a subscription that returns to its page, with the flash message `done`. */
function action(
  done: string,
  act: (db: Db, subscription: Subscription, request: OperatorPageRequest) => Promise<unknown>,
): OperatorPage {
  return async (request, context) => {
    const subscription = await subscriptionParam(request, context);
    try {
      if (subscription.status === 'ended') {
        throw invalidField('This subscription has ended. Create a new one to receive messages again.');
      }
      await asOperator(request, context, (db) => act(db, subscription, request));
    } catch (error) {
      return webhookWith(context, subscription, request.query, fieldErrors(error));
    }
    return { redirect: `/admin/webhooks/${subscription.id}?done=${done}` };
  };
}

/** Queuing messages changes no audited table, so that these actions are recorded explicitly. */
function recordAction(
  db: Db,
  request: OperatorPageRequest,
  name: 'tested' | 'redelivered' | 'recovered',
  after: object,
) {
  const subject = { subject_type: 'webhook_subscriptions', subject: idParam(request) };
  return recordAudit(db, { actor: actorOf(request), action: name, ...subject, after });
}

export const sendTest = action('webhook-tested', async (db, { hub_id, id }, request) => {
  await recordAction(db, request, 'tested', await queueTestMessage(db, hub_id, id));
});

export const redeliver = action('webhook-redelivered', async (db, { hub_id, id }, request) => {
  const message = textField(request.form, 'message');
  if (!UUID.test(message)) throw invalidField('This message does not exist.');
  const queued = await queueRedelivery(db, hub_id, id, message);
  if (!queued) throw invalidField('This message is no longer stored and cannot be redelivered.');
  await recordAction(db, request, 'redelivered', queued);
});

export const pause = action('webhook-paused', (db, { hub_id, id }) =>
  updateSubscription(db, hub_id, id, { status: 'paused' }),
);
export const resume = action('webhook-resumed', (db, { hub_id, id }) =>
  updateSubscription(db, hub_id, id, { status: 'active' }),
);

/** Shows how many messages a recovery would redeliver. */
export const recoverPage: OperatorPage = async (request, context) => {
  const subscription = await subscriptionParam(request, context);
  try {
    const since = sinceField(request.query);
    const { hub_id, id } = subscription;
    const { undelivered, checked, isComplete } = await estimateUndelivered(context.database, hub_id, id, since);
    const view = {
      ...{ id, url: subscription.url, since, isComplete },
      undelivered: count(undelivered, 'message'),
      checked: number(checked),
      isEmpty: isComplete && undelivered === 0,
    };
    return { page: 'webhooks/recover', title: 'Recover undelivered messages', view };
  } catch (error) {
    return webhookWith(context, subscription, new URLSearchParams(), fieldErrors(error));
  }
};

export const recover = action('webhook-recovering', async (db, { hub_id, id }, request) => {
  const since = sinceField(request.form);
  await insertRecovery(db, hub_id, id, since);
  await recordAction(db, request, 'recovered', { since });
});

function sinceField(values: URLSearchParams): string {
  const time = parseDateTime(textField(values, 'since'));
  if (!time) throw invalidField('Since must be a date and time such as 2027-03-31T14:00.', 'since');
  return time.toISOString();
}
