import { revisionChanges } from '../contract/revised.ts';
import type { Db } from '../store/database/database.ts';
import { type Attempt, findAttempt } from '../store/webhooks/attempts.ts';
import { webhookPayload } from '../webhooks/payload.ts';
import { subscriptionById } from './by-id.ts';
import { moment } from './format.ts';
import { found, idParam, type OperatorPage } from './page.ts';
import { attemptView } from './webhook-view.ts';

/** One attempt: what was sent, and what came back. */
export const attemptPage: OperatorPage = async (visit, { database }) => {
  const subscription = await subscriptionById(database, idParam(visit));
  const { hub_id } = subscription;
  const attempt = found(await findAttempt(database, hub_id, subscription.id, idParam(visit, 'attempt')), 'attempt');
  const view = {
    ...attemptView(attempt),
    subscription: { id: subscription.id, url: subscription.url },
    goesOn: subscription.status !== 'ended',
    began: new Date(Date.parse(attempt.ended_at) - attempt.duration_ms).toISOString(),
    arrived: moment(attempt.arrived_at),
    url: attempt.url ?? subscription.url,
    topic: attempt.topic,
    request: { headers: headersView(attempt.request_headers), body: await bodySent(database, attempt) },
    answer: { headers: headersView(attempt.response_headers), body: attempt.response },
  };
  return { page: 'webhook-attempt', title: `Attempt ${attempt.attempt}`, view };
};

function headersView(headers: Record<string, string> | null) {
  const named = Object.entries(headers ?? {}).map(([name, value]) => ({ name, value }));
  return named.sort((a, b) => a.name.localeCompare(b.name));
}

/** As it was sent, byte by byte; undefined where the message is kept no more. */
async function bodySent(db: Db, { topic, data, created_at }: Attempt): Promise<string | undefined> {
  if (topic === null || data === null || created_at === null) return undefined;
  return webhookPayload({ topic, data, created_at }, (revision) => revisionChanges(db, revision));
}
