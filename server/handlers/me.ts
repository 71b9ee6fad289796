import type { Operations } from '../../generated/operations.ts';
import { findConsumer } from '../store/consumers.ts';
import { findHub } from '../store/hubs.ts';
import { whyNot } from '../store/identities.ts';
import { type Context, found, hubOf } from './context.ts';

export const me: Pick<Operations<Context>, 'getMe'> = {
  async getMe(_, context) {
    const hub = found(await findHub(context.db, hubOf(context)), 'hub of the caller');
    const { identity, usage } = found(context.caller, 'caller');
    const consumer = found(await findConsumer(context.db, identity.consumer_id), 'consumer of the caller');
    const limits = found(usage, 'usage of the caller');
    const scopes = identity.granted.toSorted().map((name) => {
      const reason = whyNot(identity, name);
      return { name, in_force: reason === undefined, ...(reason && { reason }) };
    });
    const body = {
      consumer: { id: consumer.id, name: consumer.name },
      hub: { id: hub.id, slug: hub.slug, name: hub.name },
      credential: { kind: identity.credential, prefix: identity.key_prefix },
      scopes,
      limits: {
        rate_per_minute: limits.rate,
        rate_left: limits.minute_left,
        daily_quota: limits.quota,
        quota_left: limits.day_left,
      },
    };
    return { status: 200, body };
  },
};
