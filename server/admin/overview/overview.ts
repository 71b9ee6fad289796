import { DEFAULT_DAILY_QUOTA } from '../../store/access/admissions.ts';
import { listQuotaUsage } from '../../store/access/quota-usage.ts';
import {
  busiestErrors,
  consumerStatistics,
  type ErrorFigures,
  operationStatistics,
  trafficOverTime,
} from '../../store/request-log/statistics.ts';
import { listSubscriptions } from '../../store/webhooks/subscriptions.ts';
import { trafficChart } from '../charts/traffic-chart.ts';
import { moment, number } from '../core/format.ts';
import type { OperatorPage } from '../core/page.ts';
import { requestsUrl } from '../requests/requests-url.ts';
import { needsAttention, webhookLine } from '../webhooks/webhook-view.ts';
import { quotaUsageView, statsView } from './stats-view.ts';

const ERRORS_SHOWN = 10;
const CONSUMERS_SHOWN = 25;
const MAX_SUBSCRIPTIONS = 1000;

/** The last 24 hours. */
export const overviewPage: OperatorPage = async (_, { database, contract }) => {
  const [consumers, { overall, operations }, traffic, errors, usage, webhooks] = await Promise.all([
    consumerStatistics(database, CONSUMERS_SHOWN + 1),
    operationStatistics(database),
    trafficOverTime(database),
    busiestErrors(database, ERRORS_SHOWN),
    listQuotaUsage(database, DEFAULT_DAILY_QUOTA),
    listSubscriptions(database, undefined, { limit: MAX_SUBSCRIPTIONS }),
  ]);
  const quotaUsage = new Map(usage.map((one) => [one.consumer_id, one]));
  const view = {
    overall: overall && statsView(overall),
    revision: contract.current.revision,
    chart: trafficChart(traffic, Date.now()),
    consumers: consumers.slice(0, CONSUMERS_SHOWN).map(({ consumer_id, name, hub, ...figures }) => ({
      ...statsView(figures),
      ...{ id: consumer_id, name, hub },
      quotaUsage: quotaUsageView(quotaUsage.get(consumer_id ?? '')),
    })),
    consumersShown: consumers.length > CONSUMERS_SHOWN && CONSUMERS_SHOWN,
    operations: operations.map(({ operation, ...figures }) => ({
      ...statsView(figures),
      operation,
      href: operation && requestsUrl({ operation }),
    })),
    errors: errors.map(errorView),
    webhooks: webhooks.data.filter(needsAttention).map(webhookLine),
  };
  return { page: 'overview/overview', title: 'Overview', view };
};

function errorView({ operation, status, problem, requests, last_ended_at }: ErrorFigures) {
  return {
    operation,
    status,
    problem,
    requests: number(requests),
    last: moment(last_ended_at),
    href: requestsUrl({ ...(operation && { operation }), ...(problem && { problem }) }),
  };
}
