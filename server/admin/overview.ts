import { DEFAULT_DAILY_QUOTA } from '../store/admissions.ts';
import { listQuotaUsage, type QuotaUsage } from '../store/quota-usage.ts';
import {
  busiestErrors,
  consumerStatistics,
  type ErrorFigures,
  type Figures,
  operationStatistics,
  overallStatistics,
  trafficOverTime,
} from '../store/statistics.ts';
import { listSubscriptions } from '../store/webhook-subscriptions.ts';
import { trafficChart } from './chart.ts';
import { moment, number } from './format.ts';
import type { OperatorPage } from './page.ts';
import { requestsAt } from './requests.ts';
import { isUnwell, webhookLine } from './webhook-view.ts';

const ERRORS_SHOWN = 10;

/** The last 24 hours. */
export const overviewPage: OperatorPage = async (_, { database, contract }) => {
  const [overall, consumers, operations, traffic, errors, usage, webhooks] = await Promise.all([
    overallStatistics(database),
    consumerStatistics(database),
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
    consumers: consumers.map(({ consumer_id, name, hub, ...figures }) => ({
      ...figuresView(figures),
      ...{ id: consumer_id, name, hub },
      burn: burnView(burn.get(consumer_id ?? '')),
    })),
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

function figuresView({ requests, error_rate, p50_ms, p95_ms, last_ended_at }: Figures) {
  return {
    requests: number(requests),
    errors: percent(error_rate),
    isErring: error_rate >= 0.05,
    p50: milliseconds(p50_ms),
    p95: milliseconds(p95_ms),
    last: moment(last_ended_at),
  };
}

function burnView(usage: QuotaUsage | undefined) {
  const { used, quota } = usage ?? { used: 0, quota: 0 };
  const share = quota > 0 ? used / quota : 0;
  const tone = share >= 0.9 ? 'bad' : share >= 0.7 ? 'warn' : 'good';
  return (
    usage && { used: number(used), quota: number(quota), share: percent(share), bar: Math.min(share, 1) * 100, tone }
  );
}

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

function percent(share: number): string {
  const value = share * 100;
  return `${value > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} %`;
}

function milliseconds(value: number): string {
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}
