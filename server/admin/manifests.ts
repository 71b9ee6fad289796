import { listConsumers, listScopes } from '../store/access/consumers.ts';
import { insertManifest, listManifests, type Manifest } from '../store/access/manifests.ts';
import { listHubs } from '../store/interactions/hubs.ts';
import { manifestById } from './by-id.ts';
import { manifestState } from './consumer-view.ts';
import { refused, requiredOf, scopeChoices, textOf } from './fields.ts';
import { moment } from './format.ts';
import { ALL } from './hubs.ts';
import { movesOf } from './manifest-status.ts';
import { type AdminContext, asOperator, type FieldError, fieldErrors, idParam, type OperatorPage } from './page.ts';

export const manifestsPage: OperatorPage = async (_, { database }) => {
  const [manifests, consumers, hubs] = await Promise.all([
    listManifests(database, undefined),
    listConsumers(database, undefined),
    listHubs(database, ALL),
  ]);
  const lines = manifests.map((manifest) => ({
    ...factsOf(manifest),
    hub: hubs.data.find(({ id }) => id === manifest.hub_id)?.slug,
    consumers: consumers.filter(({ manifest_id }) => manifest_id === manifest.id).length,
  }));
  return { page: 'manifests', title: 'Manifests', view: { lines } };
};

export const manifestPage: OperatorPage = async (visit, { database }) => {
  const manifest = await manifestById(database, idParam(visit));
  const [consumers, scopes, hubs] = await Promise.all([
    listConsumers(database, manifest.hub_id),
    listScopes(database),
    listHubs(database, ALL),
  ]);
  const view = {
    ...factsOf(manifest),
    hub: hubs.data.find(({ id }) => id === manifest.hub_id)?.slug,
    moves: movesOf(manifest),
    scopes: scopes.map((scope) => ({ ...scope, isDeclared: manifest.scopes.includes(scope.name) })),
    consumers: consumers.filter(({ manifest_id }) => manifest_id === manifest.id),
  };
  return { page: 'manifest', title: manifest.name, view };
};

function factsOf({ id, name, status, created_at, status_changed_at }: Manifest) {
  return { id, name, state: manifestState(status), created: moment(created_at), changed: moment(status_changed_at) };
}

export const newManifestPage: OperatorPage = async (_, desk) => manifestForm(desk, new URLSearchParams(), []);

export const createManifest: OperatorPage = async (visit, desk) => {
  const { form } = visit;
  try {
    const name = requiredOf(form, 'name', 'The name');
    const { data: hubs } = await listHubs(desk.database, ALL);
    const hub = hubs.find(({ id }) => id === form.get('hub'));
    if (!hub) throw refused('Choose a hub.', 'hub');
    const scopes = form.getAll('scopes');
    const { id } = await asOperator(visit, desk, (db) => insertManifest(db, { hub_id: hub.id, name, scopes }));
    return { redirect: `/admin/manifests/${id}?done=manifest-created` };
  } catch (error) {
    return { ...(await manifestForm(desk, form, fieldErrors(error))), status: 422 };
  }
};

async function manifestForm({ database }: AdminContext, form: URLSearchParams, errors: FieldError[]) {
  const [hubs, scopes] = await Promise.all([listHubs(database, ALL), listScopes(database)]);
  const chosen = form.getAll('scopes');
  const view = {
    hubs: hubs.data.map(({ id, slug }) => ({ id, slug, isChosen: id === form.get('hub') })),
    scopes: scopeChoices(scopes, (scope) => !form.has('name') || chosen.includes(scope)),
    name: textOf(form, 'name'),
    errors,
  };
  return { page: 'manifest-new', title: 'New manifest', view };
}
