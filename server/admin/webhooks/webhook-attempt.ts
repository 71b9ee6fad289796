import { revisionChanges } from '../../contract/changes.ts';
import type { Db } from '../../store/database/database.ts';
import { type AttemptDetails, findAttempt } from '../../store/webhooks/attempts.ts';
import { webhookPayload } from '../../webhooks/payload.ts';
import { moment } from '../core/format.ts';
import { found, idParam } from '../core/lookups.ts';
import type { OperatorPage } from '../core/page.ts';
import { attemptView } from './webhook-view.ts';
import { subscriptionParam } from './webhooks.ts';

/** One attempt of a delivery: its request and its response. */
export const attemptPage: OperatorPage = async (request, context) => {
  const { database } = context;
  const subscription = await subscriptionParam(request, context);
  const { hub_id, id } = subscription;
  const attempt = found(await findAttempt(database, hub_id, id, idParam(request, 'attempt')), 'attempt');
  const view = {
    ...attemptView(attempt),
    subscription: { id, url: subscription.url },
    isEnded: subscription.status === 'ended',
    started: new Date(Date.parse(attempt.ended_at) - attempt.duration_ms).toISOString(),
    delivered: moment(attempt.delivered_at),
    url: attempt.url ?? subscription.url,
    topic: attempt.topic,
    request: { headers: headersView(attempt.request_headers), body: await sentBody(database, attempt) },
    response: { headers: headersView(attempt.response_headers), body: attempt.response },
  };
  return { page: 'webhooks/attempt', title: `Attempt ${attempt.attempt}`, view };
};

function headersView(headers: Record<string, string> | null) {
  const named = Object.entries(headers ?? {}).map(([name, value]) => ({ name, value }));
  return named.sort((a, b) => a.name.localeCompare(b.name));
}

/** The exact body that was sent; undefined if the message is no longer stored. */
async function sentBody(db: Db, { topic, data, created_at }: AttemptDetails): Promise<string | undefined> {
  if (topic === null || data === null || created_at === null) return undefined;
  return webhookPayload({ topic, data, created_at }, (revision) => revisionChanges(db, revision));
}
