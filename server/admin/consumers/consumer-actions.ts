import { rotateClientSecret } from '../../access/client-secrets.ts';
import {
  type Consumer,
  setConsumerDisabled,
  setConsumerLimits,
  setConsumerManifest,
} from '../../store/access/consumers.ts';
import type { Db } from '../../store/database/database.ts';
import { idParam } from '../core/lookups.ts';
import { newSecretPage } from '../core/new-secret.ts';
import { asOperator } from '../core/operator.ts';
import type { OperatorPage, OperatorPageRequest } from '../core/page.ts';
import { consumerById } from '../core/rows-by-id.ts';
import { integerField, overlapField, textField } from '../forms/fields.ts';
import { fieldErrors } from '../forms/form-page.ts';
import { consumerWith } from './consumers.ts';

/** A change of a consumer that returns to its page, with the flash message `done`. */
function action(
  done: string,
  change: (db: Db, consumer: Consumer, request: OperatorPageRequest) => Promise<unknown>,
): OperatorPage {
  return async (request, context) => {
    const consumer = await consumerById(context.database, idParam(request));
    const { id } = consumer;
    try {
      await asOperator(request, context, (db) => change(db, consumer, request));
    } catch (error) {
      return consumerWith(context, id, fieldErrors(error));
    }
    return { redirect: `/admin/consumers/${id}?done=${done}` };
  };
}

export const setLimits = action('limits-set', (db, { hub_id, id }, { form }) =>
  setConsumerLimits(db, hub_id, id, {
    rate_per_minute: integerField(form, 'rate', 'Requests per minute'),
    daily_quota: integerField(form, 'quota', 'Daily quota'),
  }),
);

export const assignManifest = action('manifest-assigned', (db, { hub_id, id }, { form }) =>
  setConsumerManifest(db, hub_id, id, textField(form, 'manifest') || null),
);

export const disableConsumer = action('consumer-disabled', (db, { hub_id, id }) =>
  setConsumerDisabled(db, hub_id, id, true),
);
export const enableConsumer = action('consumer-enabled', (db, { hub_id, id }) =>
  setConsumerDisabled(db, hub_id, id, false),
);

/** Creates an OAuth 2.0 client secret. */
export const createSecret: OperatorPage = async (request, context) => {
  const { hub_id, id } = await consumerById(context.database, idParam(request));
  const overlap = overlapField(request.form);
  const { client_secret } = await asOperator(request, context, (db) => rotateClientSecret(db, hub_id, id, overlap));
  return newSecretPage('New client secret', {
    kind: 'client secret',
    secret: client_secret,
    clientId: id,
    back: `/admin/consumers/${id}`,
    backTo: 'the consumer',
  });
};
