import { UUID } from '../patterns.ts';
import type { Db } from '../store/database/database.ts';
import { recordAudit } from '../store/operators/audit-log.ts';
import { queueAgain, queueTest } from '../store/webhooks/deliveries.ts';
import { estimateMissed, insertRecovery } from '../store/webhooks/recoveries.ts';
import { findSubscription, type Subscription, updateSubscription } from '../store/webhooks/subscriptions.ts';
import { refused, textOf } from './fields.ts';
import { count, number } from './format.ts';
import {
  actorOf,
  asOperator,
  fieldErrors,
  found,
  idParam,
  type OperatorPage,
  type OperatorPageRequest,
} from './page.ts';
import { webhookWith } from './webhooks.ts';

/** Something done to a subscription that leads back to its page. */
function does(
  done: string,
  act: (db: Db, subscription: Subscription, visit: OperatorPageRequest) => Promise<unknown>,
): OperatorPage {
  return async (visit, desk) => {
    const subscription = found(await findSubscription(desk.database, undefined, idParam(visit)), 'subscription');
    try {
      if (subscription.status === 'ended') throw refused('The subscription has ended. Nothing is sent any more.');
      await asOperator(visit, desk, (db) => act(db, subscription, visit));
    } catch (error) {
      return webhookWith(desk, subscription, visit.query, fieldErrors(error));
    }
    return { redirect: `/admin/webhooks/${subscription.id}?done=${done}` };
  };
}

/** What is queued changes no table that is watched: it is written down by name. */
function note(db: Db, visit: OperatorPageRequest, action: 'tested' | 'redelivered' | 'recovered', after: object) {
  const subject = { subject_type: 'webhook_subscriptions', subject: idParam(visit) };
  return recordAudit(db, { actor: actorOf(visit), action, ...subject, after });
}

export const sendTest = does('webhook-tested', async (db, { id }, visit) => {
  await note(db, visit, 'tested', await queueTest(db, id));
});

export const redeliver = does('webhook-redelivered', async (db, { id }, visit) => {
  const queued = await queueAgain(db, id, messageOf(visit));
  if (!queued) throw refused('The message is kept no more, and cannot be sent again.');
  await note(db, visit, 'redelivered', queued);
});

function messageOf({ form }: OperatorPageRequest): string {
  const id = textOf(form, 'message');
  if (!UUID.test(id)) throw refused('There is no such message.');
  return id;
}

export const pause = does('webhook-paused', (db, { id }) => updateSubscription(db, id, { status: 'paused' }));
export const resume = does('webhook-resumed', (db, { id }) => updateSubscription(db, id, { status: 'active' }));

/** How much a recovery would send, before it does. */
export const recoverPage: OperatorPage = async (visit, desk) => {
  const subscription = found(await findSubscription(desk.database, undefined, idParam(visit)), 'subscription');
  try {
    const since = sinceOf(visit.query);
    const { missed, lookedAt, isWhole } = await estimateMissed(desk.database, subscription.id, since);
    const view = {
      ...{ id: subscription.id, url: subscription.url, since, isWhole },
      missed: count(missed, 'message'),
      lookedAt: number(lookedAt),
      isNothing: isWhole && missed === 0,
    };
    return { page: 'webhook-recover', title: 'Recover', view };
  } catch (error) {
    return webhookWith(desk, subscription, new URLSearchParams(), fieldErrors(error));
  }
};

export const recover = does('webhook-recovering', async (db, { id }, visit) => {
  const since = sinceOf(visit.form);
  await insertRecovery(db, id, since);
  await note(db, visit, 'recovered', { since });
});

/** A time as a browser's field sends it, taken as UTC, or in ISO 8601. */
function sinceOf(values: URLSearchParams): string {
  const text = textOf(values, 'since');
  const time = new Date(/^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(text) ? `${text}Z` : text);
  if (Number.isNaN(time.getTime())) throw refused('Say since when, as in 2027-03-31T14:00.', 'since');
  return time.toISOString();
}
