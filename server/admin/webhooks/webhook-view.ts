import type { Attempt } from '../../store/webhooks/attempts.ts';
import type { Subscription } from '../../store/webhooks/subscriptions.ts';
import { type Badge, moment } from '../core/format.ts';

/** Whether an operator should look at the subscription. */
export function needsAttention({ failing_since, status_reason, status }: Subscription): boolean {
  return (status === 'active' && failing_since !== null) || status_reason === 'failing' || status_reason === 'gone';
}

export function webhookLine(subscription: Subscription) {
  const { id, url, topics, created_at, failing_since } = subscription;
  return {
    id,
    url,
    topics,
    badge: healthBadge(subscription),
    created: moment(created_at),
    failing: moment(failing_since),
  };
}

function healthBadge({ status, status_reason, failing_since }: Subscription): Badge {
  if (status === 'ended') return { text: status_reason === 'gone' ? 'ended: endpoint gone' : 'ended', tone: '' };
  if (status === 'paused') {
    return status_reason === 'failing' ? { text: 'paused: failing', tone: 'bad' } : { text: 'paused', tone: 'warn' };
  }
  return failing_since ? { text: 'failing', tone: 'bad' } : { text: 'healthy', tone: 'good' };
}

export function attemptView(row: Attempt) {
  const { id, message_id, attempt, ended_at, duration_ms, succeeded, status_code, error } = row;
  const badge: Badge = { text: String(status_code ?? 'no response'), tone: succeeded ? 'good' : 'bad' };
  return { ...{ id, message_id, attempt, error, badge }, at: moment(ended_at), duration: `${duration_ms} ms` };
}
