export const FILTERS = ['until', 'consumer', 'key', 'operation', 'outcome', 'problem', 'request'] as const;
export type Filters = Partial<Record<(typeof FILTERS)[number], string>>;

/** The URL of the request list with filters. */
export function requestsUrl(filters: Filters): string {
  return `/admin/requests?${new URLSearchParams(filters)}`;
}
