import { setConsumerDisabled, setConsumerLimits, setConsumerManifest } from '../../store/access/consumers.ts';
import { rotateClientSecret } from '../../store/access/oauth-clients.ts';
import type { Db } from '../../store/database/database.ts';
import { found, idParam } from '../core/lookups.ts';
import { newSecretPage } from '../core/new-secret.ts';
import { asOperator } from '../core/operator.ts';
import type { OperatorPage, OperatorPageRequest } from '../core/page.ts';
import { integerField, overlapField, textField } from '../forms/fields.ts';
import { fieldErrors } from '../forms/form-page.ts';
import { consumerWith } from './consumers.ts';

/** A change of a consumer that returns to its page, with the flash message `done`. */
function action(
  done: string,
  change: (db: Db, id: string, request: OperatorPageRequest) => Promise<unknown>,
): OperatorPage {
  return async (request, context) => {
    const id = idParam(request);
    try {
      found((await asOperator(request, context, (db) => change(db, id, request))) ?? undefined, 'consumer');
    } catch (error) {
      return consumerWith(context, id, fieldErrors(error));
    }
    return { redirect: `/admin/consumers/${id}?done=${done}` };
  };
}

export const setLimits = action('limits-set', (db, id, { form }) =>
  setConsumerLimits(db, id, {
    rate_per_minute: integerField(form, 'rate', 'Requests per minute'),
    daily_quota: integerField(form, 'quota', 'Daily quota'),
  }),
);

export const assignManifest = action('manifest-assigned', (db, id, { form }) =>
  setConsumerManifest(db, id, textField(form, 'manifest') || null),
);

export const disableConsumer = action('consumer-disabled', (db, id) => setConsumerDisabled(db, id, true));
export const enableConsumer = action('consumer-enabled', (db, id) => setConsumerDisabled(db, id, false));

/** Creates an OAuth 2.0 client secret. */
export const createSecret: OperatorPage = async (request, context) => {
  const id = idParam(request);
  const overlap = overlapField(request.form);
  const { client_secret } = await asOperator(request, context, (db) => rotateClientSecret(db, id, overlap));
  return newSecretPage('New client secret', {
    kind: 'client secret',
    secret: client_secret,
    clientId: id,
    back: `/admin/consumers/${id}`,
    backTo: 'the consumer',
  });
};
