import { DEFAULT_DAILY_QUOTA, DEFAULT_RATE_PER_MINUTE } from '../store/access/admissions.ts';
import { type ApiKey, listKeys } from '../store/access/api-keys.ts';
import { type Consumer, findAuthority, insertConsumer, listConsumers, listScopes } from '../store/access/consumers.ts';
import { type Authority, scopeDenialReason } from '../store/access/identities.ts';
import { type KeyTraffic, listKeyTraffic } from '../store/access/key-usage.ts';
import { listManifests } from '../store/access/manifests.ts';
import { listQuotaUsage } from '../store/access/quota-usage.ts';
import { findHub, listHubs } from '../store/interactions/hubs.ts';
import { statisticsOf } from '../store/request-log/statistics.ts';
import { consumerById } from './by-id.ts';
import { consumerLine, consumerState, keyView, manifestState } from './consumer-view.ts';
import { GRACES, requiredOf, scopeChoices, textOf } from './fields.ts';
import { moment, number } from './format.ts';
import { ALL } from './hubs.ts';
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
import { burnView, figuresView } from './stats-view.ts';

export const consumersPage: OperatorPage = async (_, { database }) => {
  const [consumers, keys, manifests, hubs] = await Promise.all([
    listConsumers(database, undefined),
    listKeys(database, undefined),
    listManifests(database, undefined),
    listHubs(database, ALL),
  ]);
  const lines = consumers.map((consumer) => consumerLine(consumer, keys, hubs.data, manifests));
  return { page: 'consumers', title: 'Consumers', view: { lines } };
};

export const consumerPage: OperatorPage = async (visit, desk) => consumerWith(desk, idParam(visit), []);

/** The page of a consumer, with what is wrong with what was just sent. */
export async function consumerWith(
  { database }: AdminContext,
  id: string,
  errors: FieldError[],
): Promise<PageResponse> {
  const consumer = await consumerById(database, id);
  const [keys, manifests, hub, authority, figures, usage] = await Promise.all([
    listKeys(database, consumer.hub_id, id),
    listManifests(database, consumer.hub_id),
    findHub(database, consumer.hub_id),
    findAuthority(database, consumer.hub_id, id),
    statisticsOf(database, id),
    listQuotaUsage(database, DEFAULT_DAILY_QUOTA),
  ]);
  const traffic = await listKeyTraffic(
    database,
    consumer.hub_id,
    keys.map(({ id: key }) => key),
  );
  const view = {
    ...factsOf(consumer),
    hub: hub?.slug,
    figures: figures && figuresView(figures),
    burn: burnView(usage.find(({ consumer_id }) => consumer_id === id)),
    errors,
    keys: keys.map((key) => ({ ...keyView(key), day: number(dayOf(traffic, key)) })).reverse(),
    scopes: consumer.scopes.map((name) => ({ name, why: scopeDenialReason(authority as Authority, name) })),
    manifests: manifests
      .filter(({ status, id }) => status !== 'retired' || id === consumer.manifest_id)
      .map(({ id, name, status }) => ({ id, name, status, isChosen: id === consumer.manifest_id })),
    manifest: manifests
      .filter((one) => one.id === consumer.manifest_id)
      .map(({ id, name, status }) => ({ id, name, state: manifestState(status) }))[0],
    graces: GRACES,
  };
  return { page: 'consumer', title: consumer.name, view, ...(errors.length > 0 && { status: 422 }) };
}

function dayOf(traffic: readonly KeyTraffic[], { id }: ApiKey): number {
  return traffic.find(({ key_id }) => key_id === id)?.day ?? 0;
}

function factsOf(consumer: Consumer) {
  return {
    id: consumer.id,
    name: consumer.name,
    state: consumerState(consumer),
    isDisabled: consumer.disabled_at !== null,
    created: moment(consumer.created_at),
    rate: consumer.rate_per_minute,
    quota: consumer.daily_quota,
    defaultRate: number(DEFAULT_RATE_PER_MINUTE),
    defaultQuota: number(DEFAULT_DAILY_QUOTA),
  };
}

export const newConsumerPage: OperatorPage = async (_, desk) => consumerForm(desk, new URLSearchParams(), []);

export const createConsumer: OperatorPage = async (visit, desk) => {
  const { form } = visit;
  try {
    const name = requiredOf(form, 'name', 'The name');
    const [hub_id = '', manifest_id] = requiredOf(form, 'place', 'The hub').split('/');
    found(await findHub(desk.database, hub_id), 'hub');
    const scopes = form.getAll('scopes');
    const { id } = await asOperator(visit, desk, (db) => insertConsumer(db, { hub_id, name, manifest_id, scopes }));
    return { redirect: `/admin/consumers/${id}?done=consumer-created` };
  } catch (error) {
    return { ...(await consumerForm(desk, form, fieldErrors(error))), status: 422 };
  }
};

async function consumerForm({ database }: AdminContext, form: URLSearchParams, errors: FieldError[]) {
  const [hubs, manifests, scopes] = await Promise.all([
    listHubs(database, ALL),
    listManifests(database, undefined),
    listScopes(database),
  ]);
  const place = textOf(form, 'place');
  const chosen = form.getAll('scopes');
  const places = hubs.data.map(({ id, slug }) => ({
    slug,
    id,
    manifests: manifests
      .filter(({ hub_id, status }) => hub_id === id && status !== 'retired')
      .map((manifest) => ({ ...manifest, value: `${id}/${manifest.id}` }))
      .map((manifest) => ({ ...manifest, isChosen: place ? manifest.value === place : manifest.status === 'active' })),
    isChosen: place === id,
  }));
  const choices = scopeChoices(scopes, (scope) => !form.has('name') || chosen.includes(scope));
  return {
    page: 'consumer-new',
    title: 'New consumer',
    view: { places, scopes: choices, name: textOf(form, 'name'), errors },
  };
}
