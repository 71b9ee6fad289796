import { setConsumerDisabled, setConsumerLimits, setConsumerManifest } from '../store/access/consumers.ts';
import { rotateClientSecret } from '../store/access/oauth-clients.ts';
import type { Db } from '../store/database/database.ts';
import { consumerWith } from './consumers.ts';
import { graceOf, textOf, wholeOf } from './fields.ts';
import { asOperator, fieldErrors, found, idParam, type OperatorPage, type OperatorPageRequest } from './page.ts';

/** A change of a consumer that leads back to its page. */
function changes(
  done: string,
  make: (db: Db, id: string, visit: OperatorPageRequest) => Promise<unknown>,
): OperatorPage {
  return async (visit, desk) => {
    const id = idParam(visit);
    try {
      found((await asOperator(visit, desk, (db) => make(db, id, visit))) ?? undefined, 'consumer');
    } catch (error) {
      return consumerWith(desk, id, fieldErrors(error));
    }
    return { redirect: `/admin/consumers/${id}?done=${done}` };
  };
}

export const setLimits = changes('limits-set', (db, id, { form }) =>
  setConsumerLimits(db, id, {
    rate_per_minute: wholeOf(form, 'rate', 'Requests a minute'),
    daily_quota: wholeOf(form, 'quota', 'The daily quota'),
  }),
);

export const assignManifest = changes('manifest-assigned', (db, id, { form }) =>
  setConsumerManifest(db, id, textOf(form, 'manifest') || null),
);

export const disableConsumer = changes('consumer-disabled', (db, id) => setConsumerDisabled(db, id, true));
export const enableConsumer = changes('consumer-enabled', (db, id) => setConsumerDisabled(db, id, false));

/** Makes an OAuth 2.0 client secret. It is in this answer and nowhere else. */
export const createSecret: OperatorPage = async (visit, desk) => {
  const id = idParam(visit);
  const grace = graceOf(visit.form);
  const { client_secret } = await asOperator(visit, desk, (db) => rotateClientSecret(db, id, grace));
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
