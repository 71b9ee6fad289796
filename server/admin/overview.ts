import { DEFAULT_DAILY_QUOTA } from '../store/access/admissions.ts';
import { listQuotaUsage } from '../store/access/quota-usage.ts';
import {
  busiestErrors,
  consumerStatistics,
  type ErrorFigures,
  operationStatistics,
  trafficOverTime,
} from '../store/request-log/statistics.ts';
import { listSubscriptions } from '../store/webhooks/subscriptions.ts';
import { moment, number } from './format.ts';
import type { OperatorPage } from './page.ts';
import { requestsAt } from './requests.ts';
import { burnView, figuresView } from './stats-view.ts';
import { trafficChart } from './traffic-chart.ts';
import { isUnwell, webhookLine } from './webhook-view.ts';

const ERRORS_SHOWN = 10;
/** The others have their figures on their own pages. */
const CONSUMERS_SHOWN = 25;

/** The last 24 hours. */
export const overviewPage: OperatorPage = async (_, { database, contract }) => {
  const [consumers, { overall, operations }, traffic, errors, usage, webhooks] = await Promise.all([
    consumerStatistics(database, CONSUMERS_SHOWN + 1),
    operationStatistics(database),
    trafficOverTime(database),
    busiestErrors(database, ERRORS_SHOWN),
    listQuotaUsage(database, DEFAULT_DAILY_QUOTA),
    listSubscriptions(database, undefined, { limit: 1000 }),
  ]);
  const burn = new Map(usage.map((one) => [one.consumer_id, one]));
  const view = {
    overall: overall && figuresView(overall),
    revision: contract.current.revision,
    chart: trafficChart(traffic, Date.now()),
    consumers: consumers.slice(0, CONSUMERS_SHOWN).map(({ consumer_id, name, hub, ...figures }) => ({
      ...figuresView(figures),
      ...{ id: consumer_id, name, hub },
      burn: burnView(burn.get(consumer_id ?? '')),
    })),
    hasMoreConsumers: consumers.length > CONSUMERS_SHOWN,
    operations: operations.map(({ operation, ...figures }) => ({
      ...figuresView(figures),
      operation,
      href: operation && requestsAt({ operation }),
    })),
    errors: errors.map(errorView),
    webhooks: webhooks.data.filter(isUnwell).map(webhookLine),
  };
  return { page: 'overview', title: 'Overview', view };
};

function errorView({ operation, status, problem, requests, last_ended_at }: ErrorFigures) {
  return {
    operation,
    status,
    problem,
    requests: number(requests),
    last: moment(last_ended_at),
    href: requestsAt({ ...(operation && { operation }), ...(problem && { problem }) }),
  };
}
