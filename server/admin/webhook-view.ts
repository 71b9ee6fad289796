import type { Delivery } from '../store/webhooks/deliveries.ts';
import type { Subscription } from '../store/webhooks/subscriptions.ts';
import { moment, type State } from './format.ts';

/** Whether somebody should look at it. */
export function isUnwell({ failing_since, status_reason, status }: Subscription): boolean {
  return (status === 'active' && failing_since !== null) || status_reason === 'failing' || status_reason === 'gone';
}

export function webhookLine(subscription: Subscription) {
  const { id, url, topics, created_at, failing_since } = subscription;
  return {
    id,
    url,
    topics,
    state: healthOf(subscription),
    created: moment(created_at),
    failing: moment(failing_since),
  };
}

function healthOf({ status, status_reason, failing_since }: Subscription): State {
  if (status === 'ended') return { word: status_reason === 'gone' ? 'ended: gone' : 'ended', tone: '' };
  if (status === 'paused') {
    return status_reason === 'failing' ? { word: 'paused: failing', tone: 'bad' } : { word: 'paused', tone: 'warn' };
  }
  return failing_since ? { word: 'failing', tone: 'bad' } : { word: 'healthy', tone: 'good' };
}

export function attemptView(delivery: Delivery) {
  const { id, message_id, attempt, ended_at, duration_ms, succeeded, status_code, error } = delivery;
  const word = String(status_code ?? 'no answer');
  return {
    ...{ id, message_id, attempt, error },
    at: moment(ended_at),
    duration: `${duration_ms} ms`,
    state: { word, tone: succeeded ? 'good' : 'bad' } satisfies State,
  };
}
