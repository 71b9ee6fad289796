import { UUID } from '../../patterns.ts';
import { listConsumers } from '../../store/access/consumers.ts';
import {
  type LoggedRequestSummary,
  listOperationNames,
  SCAN_LIMIT,
  searchRequests,
} from '../../store/request-log/search.ts';
import { OUTCOMES } from '../charts/traffic-chart.ts';
import { type Badge, moment, number, sdkName } from '../core/format.ts';
import type { OperatorPage } from '../core/page.ts';
import { parseDateTime, textField } from '../forms/fields.ts';
import { FILTERS, type Filters, requestsUrl } from './requests-url.ts';

export const requestsPage: OperatorPage = async ({ query }, { database }) => {
  const filters: Filters = Object.fromEntries(
    FILTERS.map((field) => [field, textField(query, field)]).filter(([, value]) => value),
  );
  const consumer_id = UUID.test(filters.consumer ?? '') ? filters.consumer : undefined;
  const before = textField(query, 'before');
  const [found, consumers, operations] = await Promise.all([
    searchRequests(database, {
      ...{ consumer_id, key_prefix: filters.key, operation: filters.operation, problem: filters.problem },
      request_id: filters.request,
      outcome: filters.outcome,
      before: UUID.test(before) ? before : lowestIdAt(filters.until),
    }),
    listConsumers(database, undefined),
    listOperationNames(database),
  ]);
  const view = {
    filters,
    requests: found.requests.map(requestView),
    scanned: number(SCAN_LIMIT),
    older: found.before && `${requestsUrl(filters)}&before=${found.before}`,
    consumers: consumers.map(({ id, name }) => ({ id, name, isChosen: id === consumer_id })),
    operations: operations.map((name) => ({ name, isChosen: name === filters.operation })),
    outcomes: OUTCOMES.map(({ name, label }) => ({ name, label, isChosen: name === filters.outcome })),
  };
  return { page: 'requests/list', title: 'Requests', view };
};

/** The lowest UUIDv7 of a time, as `ihf_uuidv7_floor` computes it in SQL. */
function lowestIdAt(until: string | undefined): string | undefined {
  const time = parseDateTime(until ?? '')?.getTime() ?? -1;
  if (time < 0) return undefined;
  const hex = time.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

export function requestView(request: LoggedRequestSummary) {
  const { ended_at, status, duration_us, bytes_in, bytes_out, sdk, sdk_revision, ...rest } = request;
  return {
    ...rest,
    at: moment(ended_at),
    badge: statusBadge(status),
    duration: `${(duration_us / 1000).toFixed(duration_us < 10_000 ? 1 : 0)} ms`,
    bytes: `${number(bytes_in)} received, ${number(bytes_out)} sent`,
    sdk: sdkName(sdk, sdk_revision),
  };
}

function statusBadge(status: number | null): Badge {
  if (status === null) return { text: 'aborted', tone: '' };
  if (status < 400) return { text: String(status), tone: 'good' };
  return { text: String(status), tone: status < 500 ? 'warn' : 'bad' };
}
