/** The URL of the next page of a list; undefined on the last one. */
export function nextPageUrl(
  path: string,
  filters: Readonly<Record<string, string>>,
  cursor: string | null | undefined,
) {
  return cursor ? `${path}?${new URLSearchParams({ ...filters, cursor })}` : undefined;
}
