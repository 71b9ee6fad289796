import { type IssuedKey, insertKey, revokeKey, rotateKey } from '../store/access/api-keys.ts';
import { type Consumer, findAuthority, findConsumer, listScopes } from '../store/access/consumers.ts';
import { type Authority, scopeDenialReason } from '../store/access/identities.ts';
import { consumerById, keyById } from './by-id.ts';
import { keyView } from './consumer-view.ts';
import { dayOf, GRACES, graceOf, refused, scopeChoices, textOf } from './fields.ts';
import { keyTrafficView } from './key-traffic.ts';
import {
  type AdminContext,
  asOperator,
  type FieldError,
  fieldErrors,
  found,
  idParam,
  type OperatorPage,
  type PageResponse,
} from './page.ts';

export const newKeyPage: OperatorPage = async (visit, desk) => keyForm(desk, idParam(visit), new URLSearchParams(), []);

export const createKey: OperatorPage = async (visit, desk) => {
  const [id, { form }] = [idParam(visit), visit];
  try {
    const { hub_id } = await consumerById(desk.database, id);
    const authority = found(await findAuthority(desk.database, hub_id, id), 'consumer');
    const scopes = form.getAll('scopes');
    for (const scope of scopes) {
      const reason = scopeDenialReason(authority, scope);
      if (reason) throw refused(`${scope} cannot be granted now: ${reason}.`, 'scopes');
    }
    if (scopes.length === 0) throw refused('Grant one scope at least.', 'scopes');
    const expires_at = dayOf(form, 'expires', 'The end');
    const key = { hub_id, consumer_id: id, name: textOf(form, 'name').slice(0, 200), scopes, expires_at };
    return reveal(await asOperator(visit, desk, (db) => insertKey(db, key)), desk);
  } catch (error) {
    return { ...(await keyForm(desk, id, form, fieldErrors(error))), status: 422 };
  }
};

async function keyForm({ database }: AdminContext, id: string, form: URLSearchParams, errors: FieldError[]) {
  const consumer = await consumerById(database, id);
  const [authority, scopes] = await Promise.all([findAuthority(database, consumer.hub_id, id), listScopes(database)]);
  const chosen = form.getAll('scopes');
  const grantable = scopes.filter(({ name }) => !scopeDenialReason(authority as Authority, name));
  const refusedScopes = scopes.flatMap(({ name }) => {
    const why = consumer.scopes.includes(name) ? scopeDenialReason(authority as Authority, name) : undefined;
    return why ? [{ name, why }] : [];
  });
  return {
    page: 'key-new',
    title: `New key for ${consumer.name}`,
    view: {
      consumer: { id, name: consumer.name },
      scopes: scopeChoices(grantable, (scope) => !form.has('name') || chosen.includes(scope)),
      refusedScopes,
      typed: { name: textOf(form, 'name'), expires: textOf(form, 'expires') },
      errors,
    },
  };
}

export const keyPage: OperatorPage = async (visit, desk) => keyWith(desk, idParam(visit), []);

async function keyWith(
  { database }: AdminContext,
  id: string,
  errors: FieldError[],
): Promise<PageResponse & { page: string }> {
  const key = await keyById(database, id);
  const { hub_id } = key;
  const { name } = (await findConsumer(database, hub_id, key.consumer_id)) as Consumer;
  const consumer = { id: key.consumer_id, name, hub_id };
  const view = { key: keyView(key), consumer, graces: GRACES, errors, ...(await keyTrafficView({ database }, key)) };
  return { page: 'key', title: `Key ${key.key_prefix}…`, view };
}

export const rotate: OperatorPage = async (visit, desk) => {
  const { hub_id, id } = await keyById(desk.database, idParam(visit));
  try {
    const grace = graceOf(visit.form);
    const issued = await asOperator(visit, desk, (db) => rotateKey(db, hub_id, id, grace));
    if (!issued) throw refused('The key is revoked. Make a new one instead.');
    return reveal(issued, desk);
  } catch (error) {
    return { ...(await keyWith(desk, id, fieldErrors(error))), status: 422 };
  }
};

export const revoke: OperatorPage = async (visit, desk) => {
  const key = await keyById(desk.database, idParam(visit));
  await asOperator(visit, desk, (db) => revokeKey(db, key.hub_id, key.id));
  return { redirect: `/admin/consumers/${key.consumer_id}?done=key-revoked` };
};

/** The key is in this answer and nowhere else. */
function reveal(issued: IssuedKey, desk: AdminContext): PageResponse {
  const view = {
    what: 'API key',
    secret: issued.key,
    back: `/admin/consumers/${issued.consumer_id}`,
    backTo: 'the consumer',
    tryIt: `curl ${desk.publicUrl()}/api/v2/me -H 'Authorization: Bearer YOUR_KEY'`,
  };
  return { page: 'reveal', title: 'A new API key', view };
}
