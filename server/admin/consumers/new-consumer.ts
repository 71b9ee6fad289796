import { insertConsumer, listScopes } from '../../store/access/consumers.ts';
import { listManifests } from '../../store/access/manifests.ts';
import { findHub } from '../../store/interactions/hubs.ts';
import { found } from '../core/lookups.ts';
import { asOperator } from '../core/operator.ts';
import type { AdminContext, OperatorPage } from '../core/page.ts';
import { invalidField, requiredField, textField } from '../forms/fields.ts';
import { type FieldError, fieldErrors, formPage } from '../forms/form-page.ts';
import { scopeChoices } from '../forms/scope-choices.ts';
import { allHubs } from '../hubs/all-hubs.ts';

export const newConsumerPage: OperatorPage = async (_, context) => consumerForm(context, new URLSearchParams(), []);

export const createConsumer: OperatorPage = async (request, context) => {
  const { form } = request;
  try {
    const name = requiredField(form, 'name', 'Name');
    const [hub_id = '', manifest_id] = requiredField(form, 'owner', 'Hub').split('/');
    found(await findHub(context.database, hub_id), 'hub');
    const scopes = form.getAll('scopes');
    if (scopes.length === 0) throw invalidField('Select at least one scope.', 'scopes');
    const { id } = await asOperator(request, context, (db) =>
      insertConsumer(db, { hub_id, name, manifest_id, scopes }),
    );
    return { redirect: `/admin/consumers/${id}?done=consumer-created` };
  } catch (error) {
    return consumerForm(context, form, fieldErrors(error));
  }
};

/** The owner is a hub, or a hub and one of its manifests: `HUB_ID` or `HUB_ID/MANIFEST_ID`. */
async function consumerForm({ database }: AdminContext, form: URLSearchParams, errors: FieldError[]) {
  const [hubs, manifests, scopes] = await Promise.all([
    allHubs(database),
    listManifests(database, undefined),
    listScopes(database),
  ]);
  const owner = textField(form, 'owner');
  const owners = hubs.map(({ id, slug }) => ({
    slug,
    id,
    manifests: manifests
      .filter(({ hub_id, status }) => hub_id === id && status !== 'retired')
      .map((manifest) => ({ ...manifest, value: `${id}/${manifest.id}` }))
      .map((manifest) => ({ ...manifest, isChosen: owner ? manifest.value === owner : manifest.status === 'active' })),
    isChosen: owner === id,
  }));
  const view = { owners, scopes: scopeChoices(scopes, form), name: textField(form, 'name') };
  return formPage({ page: 'consumers/new', title: 'New consumer', view }, errors);
}
