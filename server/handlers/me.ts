import type { Operations } from '../../generated/operations.ts';
import { findConsumer } from '../store/access/consumers.ts';
import { scopeDenialReason } from '../store/access/identities.ts';
import { findHub } from '../store/interactions/hubs.ts';
import { type Context, callerHub, orNotFound } from './context.ts';

export const me: Pick<Operations<Context>, 'getMe'> = {
  async getMe(_, context) {
    const hub = orNotFound(await findHub(context.db, callerHub(context)), 'hub of the caller');
    const { identity, usage } = orNotFound(context.caller, 'caller');
    const consumer = orNotFound(
      await findConsumer(context.db, identity.hub_id, identity.consumer_id),
      'consumer of the caller',
    );
    const limits = orNotFound(usage, 'usage of the caller');
    const scopes = identity.granted.toSorted().map((name) => {
      const reason = scopeDenialReason(identity, name);
      return { name, effective: reason === undefined, ...(reason && { reason }) };
    });
    const body = {
      consumer: { id: consumer.id, name: consumer.name },
      hub: { id: hub.id, slug: hub.slug, name: hub.name },
      credential: { kind: identity.credential, prefix: identity.key_prefix },
      scopes,
      limits: {
        rate_per_minute: limits.rate,
        rate_remaining: limits.minute_left,
        daily_quota: limits.quota,
        quota_remaining: limits.day_left,
      },
    };
    return { status: 200, body };
  },
};
