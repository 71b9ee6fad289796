import { DEFAULT_DAILY_QUOTA, DEFAULT_RATE_PER_MINUTE } from '../../store/access/admissions.ts';
import { type ApiKey, listKeys } from '../../store/access/api-keys.ts';
import { type Consumer, findAuthority, listConsumers } from '../../store/access/consumers.ts';
import { type Authority, scopeDenialReason } from '../../store/access/identities.ts';
import { type KeyTraffic, listKeyTraffic } from '../../store/access/key-usage.ts';
import { listManifests } from '../../store/access/manifests.ts';
import { listQuotaUsage } from '../../store/access/quota-usage.ts';
import { findHub } from '../../store/interactions/hubs.ts';
import { statisticsOf } from '../../store/request-log/statistics.ts';
import { moment, number } from '../core/format.ts';
import { idParam } from '../core/lookups.ts';
import type { AdminContext, OperatorPage, Page } from '../core/page.ts';
import { consumerById } from '../core/rows-by-id.ts';
import { OVERLAPS } from '../forms/fields.ts';
import { type FieldError, formPage } from '../forms/form-page.ts';
import { allHubs } from '../hubs/all-hubs.ts';
import { keyView } from '../keys/key-view.ts';
import { quotaUsageView, statsView } from '../overview/stats-view.ts';
import { consumerBadge, consumerLine, manifestLink } from './consumer-view.ts';

export const consumersPage: OperatorPage = async (_, { database }) => {
  const [consumers, keys, manifests, hubs] = await Promise.all([
    listConsumers(database, undefined),
    listKeys(database, undefined),
    listManifests(database, undefined),
    allHubs(database),
  ]);
  const lines = consumers.map((consumer) => consumerLine(consumer, keys, hubs, manifests));
  return { page: 'consumers/list', title: 'Consumers', view: { lines } };
};

export const consumerPage: OperatorPage = async (request, context) => consumerWith(context, idParam(request), []);

/** The page of a consumer, with the validation issues of a rejected action. */
export async function consumerWith({ database }: AdminContext, id: string, errors: FieldError[]): Promise<Page> {
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
    ...consumerFacts(consumer),
    hub: hub?.slug,
    stats: figures && statsView(figures),
    quotaUsage: quotaUsageView(usage.find(({ consumer_id }) => consumer_id === id)),
    keys: keys.map((key) => ({ ...keyView(key), requests: number(requestsOfDay(traffic, key)) })).reverse(),
    scopes: consumer.scopes.map((name) => ({ name, reason: scopeDenialReason(authority as Authority, name) })),
    manifests: manifests
      .filter(({ status, id }) => status !== 'retired' || id === consumer.manifest_id)
      .map(({ id, name, status }) => ({ id, name, status, isChosen: id === consumer.manifest_id })),
    manifest: manifestLink(manifests, consumer),
    overlaps: OVERLAPS,
  };
  return formPage({ page: 'consumers/consumer', title: consumer.name, view }, errors);
}

function requestsOfDay(traffic: readonly KeyTraffic[], { id }: ApiKey): number {
  return traffic.find(({ key_id }) => key_id === id)?.day ?? 0;
}

function consumerFacts(consumer: Consumer) {
  return {
    id: consumer.id,
    name: consumer.name,
    badge: consumerBadge(consumer),
    isDisabled: consumer.disabled_at !== null,
    created: moment(consumer.created_at),
    rate: consumer.rate_per_minute,
    quota: consumer.daily_quota,
    defaultRate: number(DEFAULT_RATE_PER_MINUTE),
    defaultQuota: number(DEFAULT_DAILY_QUOTA),
  };
}
