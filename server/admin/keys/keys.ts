import { type IssuedKey, issueKey, rotateKey } from '../../access/api-keys.ts';
import { revokeKey } from '../../store/access/api-keys.ts';
import { type Consumer, findAuthority, findConsumer, listScopes } from '../../store/access/consumers.ts';
import { type Authority, scopeDenialReason } from '../../store/access/identities.ts';
import { found, idParam } from '../core/lookups.ts';
import { newSecretPage } from '../core/new-secret.ts';
import { asOperator } from '../core/operator.ts';
import type { AdminContext, OperatorPage, Page } from '../core/page.ts';
import { consumerById, keyById } from '../core/rows-by-id.ts';
import { dateField, invalidField, OVERLAPS, overlapField, textField, typedFields } from '../forms/fields.ts';
import { type FieldError, fieldErrors, formPage } from '../forms/form-page.ts';
import { scopeChoices } from '../forms/scope-choices.ts';
import { keyTrafficView } from './key-traffic.ts';
import { keyView } from './key-view.ts';

const MAX_NAME_LENGTH = 200;

export const newKeyPage: OperatorPage = async (request, context) =>
  keyForm(context, idParam(request), new URLSearchParams(), []);

export const createKey: OperatorPage = async (request, context) => {
  const [id, { form }] = [idParam(request), request];
  try {
    const { hub_id } = await consumerById(context.database, id);
    const authority = found(await findAuthority(context.database, hub_id, id), 'consumer');
    const scopes = form.getAll('scopes');
    for (const scope of scopes) {
      const reason = scopeDenialReason(authority, scope);
      if (reason) throw invalidField(`Scope ${scope} cannot be granted: ${reason}.`, 'scopes');
    }
    if (scopes.length === 0) throw invalidField('Select at least one scope.', 'scopes');
    const expires_at = dateField(form, 'expires', 'Expiry date');
    const name = textField(form, 'name').slice(0, MAX_NAME_LENGTH);
    const key = { hub_id, consumer_id: id, name, scopes, expires_at };
    return newKeySecret(await asOperator(request, context, (db) => issueKey(db, key)), context);
  } catch (error) {
    return keyForm(context, id, form, fieldErrors(error));
  }
};

async function keyForm({ database }: AdminContext, id: string, form: URLSearchParams, errors: FieldError[]) {
  const consumer = await consumerById(database, id);
  const [authority, scopes] = await Promise.all([findAuthority(database, consumer.hub_id, id), listScopes(database)]);
  const grantable = scopes.filter(({ name }) => !scopeDenialReason(authority as Authority, name));
  const unavailableScopes = scopes.flatMap(({ name }) => {
    const reason = consumer.scopes.includes(name) ? scopeDenialReason(authority as Authority, name) : undefined;
    return reason ? [{ name, reason }] : [];
  });
  const view = {
    consumer: { id, name: consumer.name },
    scopes: scopeChoices(grantable, form),
    unavailableScopes,
    typed: typedFields(form, 'name', 'expires'),
  };
  return formPage({ page: 'keys/new', title: `New key for ${consumer.name}`, view }, errors);
}

export const keyPage: OperatorPage = async (request, context) => keyWith(context, idParam(request), []);

async function keyWith({ database }: AdminContext, id: string, errors: FieldError[]): Promise<Page> {
  const key = await keyById(database, id);
  const { name } = (await findConsumer(database, key.hub_id, key.consumer_id)) as Consumer;
  const consumer = { id: key.consumer_id, name };
  const view = { key: keyView(key), consumer, overlaps: OVERLAPS, ...(await keyTrafficView({ database }, key)) };
  return formPage({ page: 'keys/key', title: `Key ${key.key_prefix}…`, view }, errors);
}

export const rotate: OperatorPage = async (request, context) => {
  const { hub_id, id } = await keyById(context.database, idParam(request));
  try {
    const overlap = overlapField(request.form);
    const issued = await asOperator(request, context, (db) => rotateKey(db, hub_id, id, overlap));
    if (!issued) throw invalidField('A revoked key cannot be rotated. Create a new key instead.');
    return newKeySecret(issued, context);
  } catch (error) {
    return keyWith(context, id, fieldErrors(error));
  }
};

export const revoke: OperatorPage = async (request, context) => {
  const key = await keyById(context.database, idParam(request));
  await asOperator(request, context, (db) => revokeKey(db, key.hub_id, key.id));
  return { redirect: `/admin/consumers/${key.consumer_id}?done=key-revoked` };
};

function newKeySecret(issued: IssuedKey, context: AdminContext): Page {
  return newSecretPage('New API key', {
    kind: 'API key',
    secret: issued.key,
    back: `/admin/consumers/${issued.consumer_id}`,
    backTo: 'the consumer',
    example: `curl ${context.publicUrl}/api/v2/me -H 'Authorization: Bearer YOUR_KEY'`,
  });
}
