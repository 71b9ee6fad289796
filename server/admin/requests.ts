import { UUID } from '../patterns.ts';
import { listConsumers } from '../store/access/consumers.ts';
import { type LoggedRequestSummary, listOperationNames, searchRequests } from '../store/request-log/search.ts';
import { moment, number, type State, sdkName } from './format.ts';
import type { OperatorPage } from './page.ts';
import { OUTCOMES } from './traffic-chart.ts';

const FIELDS = ['until', 'consumer', 'key', 'operation', 'outcome', 'problem', 'request'] as const;
type Filters = Partial<Record<(typeof FIELDS)[number], string>>;

/** The address of the requests that fit. */
export function requestsAt(filters: Filters): string {
  return `/admin/requests?${new URLSearchParams(filters)}`;
}

export const requestsPage: OperatorPage = async ({ query }, { database }) => {
  const filters: Filters = Object.fromEntries(
    FIELDS.flatMap((field) => (query.get(field) ? [[field, query.get(field)?.trim()]] : [])),
  );
  const consumer_id = UUID.test(filters.consumer ?? '') ? filters.consumer : undefined;
  const [explored, consumers, operations] = await Promise.all([
    searchRequests(database, {
      ...{ consumer_id, key_prefix: filters.key, operation: filters.operation, problem: filters.problem },
      request_id: filters.request,
      outcome: filters.outcome,
      before: UUID.test(query.get('before') ?? '') ? (query.get('before') ?? undefined) : idAt(filters.until),
    }),
    listConsumers(database, undefined),
    listOperationNames(database),
  ]);
  const view = {
    filters,
    requests: explored.requests.map(requestView),
    older: explored.before && `${requestsAt(filters)}&before=${explored.before}`,
    consumers: consumers.map(({ id, name }) => ({ id, name, isChosen: id === consumer_id })),
    operations: operations.map((name) => ({ name, isChosen: name === filters.operation })),
    outcomes: OUTCOMES.map(({ name, label }) => ({ name, label, isChosen: name === filters.outcome })),
  };
  return { page: 'requests', title: 'Requests', view };
};

/** The lowest id of a time as a browser's field sends it, taken as UTC; see `ihf_uuidv7_floor`. */
function idAt(until: string | undefined): string | undefined {
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(until ?? '') ? Date.parse(`${until}Z`) : Number.NaN;
  if (!(time >= 0)) return undefined;
  const hex = time.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

export function requestView(request: LoggedRequestSummary) {
  const { ended_at, status, duration_us, bytes_in, bytes_out, sdk, sdk_revision, ...rest } = request;
  return {
    ...rest,
    at: moment(ended_at),
    state: stateOf(status),
    duration: `${(duration_us / 1000).toFixed(duration_us < 10_000 ? 1 : 0)} ms`,
    bytes: `${number(bytes_in)} in, ${number(bytes_out)} out`,
    sdk: sdkName(sdk, sdk_revision),
  };
}

function stateOf(status: number | null): State {
  if (status === null) return { word: 'hung up', tone: '' };
  if (status < 400) return { word: String(status), tone: 'good' };
  return { word: String(status), tone: status < 500 ? 'warn' : 'bad' };
}
