import {
  type Consumer,
  setConsumerDisabled,
  setConsumerLimits,
  setConsumerManifest,
} from '../store/access/consumers.ts';
import { rotateClientSecret } from '../store/access/oauth-clients.ts';
import type { Db } from '../store/database/database.ts';
import { consumerById } from './by-id.ts';
import { consumerWith } from './consumers.ts';
import { graceOf, textOf, wholeOf } from './fields.ts';
import { asOperator, fieldErrors, idParam, type OperatorPage, type OperatorPageRequest } from './page.ts';

/** A change of a consumer that leads back to its page. */
function changes(
  done: string,
  make: (db: Db, consumer: Consumer, visit: OperatorPageRequest) => Promise<unknown>,
): OperatorPage {
  return async (visit, desk) => {
    const consumer = await consumerById(desk.database, idParam(visit));
    const { id } = consumer;
    try {
      await asOperator(visit, desk, (db) => make(db, consumer, visit));
    } catch (error) {
      return consumerWith(desk, id, fieldErrors(error));
    }
    return { redirect: `/admin/consumers/${id}?done=${done}` };
  };
}

export const setLimits = changes('limits-set', (db, { hub_id, id }, { form }) =>
  setConsumerLimits(db, hub_id, id, {
    rate_per_minute: wholeOf(form, 'rate', 'Requests a minute'),
    daily_quota: wholeOf(form, 'quota', 'The daily quota'),
  }),
);

export const assignManifest = changes('manifest-assigned', (db, { hub_id, id }, { form }) =>
  setConsumerManifest(db, hub_id, id, textOf(form, 'manifest') || null),
);

export const disableConsumer = changes('consumer-disabled', (db, { hub_id, id }) =>
  setConsumerDisabled(db, hub_id, id, true),
);
export const enableConsumer = changes('consumer-enabled', (db, { hub_id, id }) =>
  setConsumerDisabled(db, hub_id, id, false),
);

/** Makes an OAuth 2.0 client secret. It is in this answer and nowhere else. */
export const createSecret: OperatorPage = async (visit, desk) => {
  const { hub_id, id } = await consumerById(desk.database, idParam(visit));
  const grace = graceOf(visit.form);
  const { client_secret } = await asOperator(visit, desk, (db) => rotateClientSecret(db, hub_id, id, grace));
  return {
    page: 'reveal',
    title: 'A new client secret',
    view: {
      what: 'client secret',
      secret: client_secret,
      clientId: id,
      back: `/admin/consumers/${id}`,
      backTo: 'the consumer',
    },
  };
};
