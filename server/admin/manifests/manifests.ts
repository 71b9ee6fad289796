import { listConsumers, listScopes } from '../../store/access/consumers.ts';
import { insertManifest, listManifests, type Manifest } from '../../store/access/manifests.ts';
import { moment } from '../core/format.ts';
import { idParam } from '../core/lookups.ts';
import { asOperator } from '../core/operator.ts';
import type { AdminContext, OperatorPage } from '../core/page.ts';
import { manifestById } from '../core/rows-by-id.ts';
import { invalidField, requiredField, textField } from '../forms/fields.ts';
import { type FieldError, fieldErrors, formPage } from '../forms/form-page.ts';
import { scopeChoices } from '../forms/scope-choices.ts';
import { allHubs, hubOptions, slugOf } from '../hubs/all-hubs.ts';
import { transitionsOf } from './manifest-status.ts';
import { manifestBadge } from './manifest-view.ts';

export const manifestsPage: OperatorPage = async (_, { database }) => {
  const [manifests, consumers, hubs] = await Promise.all([
    listManifests(database, undefined),
    listConsumers(database, undefined),
    allHubs(database),
  ]);
  const lines = manifests.map((manifest) => ({
    ...manifestFacts(manifest),
    hub: slugOf(hubs, manifest.hub_id),
    consumers: consumers.filter(({ manifest_id }) => manifest_id === manifest.id).length,
  }));
  return { page: 'manifests/list', title: 'Manifests', view: { lines } };
};

export const manifestPage: OperatorPage = async (request, { database }) => {
  const manifest = await manifestById(database, idParam(request));
  const [consumers, scopes, hubs] = await Promise.all([
    listConsumers(database, manifest.hub_id),
    listScopes(database),
    allHubs(database),
  ]);
  const view = {
    ...manifestFacts(manifest),
    hub: slugOf(hubs, manifest.hub_id),
    transitions: transitionsOf(manifest),
    scopes: scopes.map((scope) => ({ ...scope, isDeclared: manifest.scopes.includes(scope.name) })),
    consumers: consumers.filter(({ manifest_id }) => manifest_id === manifest.id),
  };
  return { page: 'manifests/manifest', title: manifest.name, view };
};

function manifestFacts({ id, name, status, created_at, status_changed_at }: Manifest) {
  return { id, name, badge: manifestBadge(status), created: moment(created_at), changed: moment(status_changed_at) };
}

export const newManifestPage: OperatorPage = async (_, context) => manifestForm(context, new URLSearchParams(), []);

export const createManifest: OperatorPage = async (request, context) => {
  const { form } = request;
  try {
    const name = requiredField(form, 'name', 'Name');
    const hub = (await allHubs(context.database)).find(({ id }) => id === form.get('hub'));
    if (!hub) throw invalidField('Select a hub.', 'hub');
    const scopes = form.getAll('scopes');
    const { id } = await asOperator(request, context, (db) => insertManifest(db, { hub_id: hub.id, name, scopes }));
    return { redirect: `/admin/manifests/${id}?done=manifest-created` };
  } catch (error) {
    return manifestForm(context, form, fieldErrors(error));
  }
};

async function manifestForm({ database }: AdminContext, form: URLSearchParams, errors: FieldError[]) {
  const [hubs, scopes] = await Promise.all([allHubs(database), listScopes(database)]);
  const view = {
    hubs: hubOptions(hubs, form.get('hub')),
    scopes: scopeChoices(scopes, form),
    name: textField(form, 'name'),
  };
  return formPage({ page: 'manifests/new', title: 'New manifest', view }, errors);
}
