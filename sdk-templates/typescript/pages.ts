// Only the text between the two region lines becomes part of the rendered client.

//#region rendered
/** Iterates over the items of all pages, starting at `query.cursor`. */
async function* iteratePages<Item, Query extends { cursor?: string | undefined }>(
  query: Query,
  list: (query: Query) => Promise<{ data: Item[]; next_cursor: string | null }>,
): AsyncGenerator<Item, void, undefined> {
  let cursor: string | null | undefined;
  let next = query.cursor ?? null;
  do {
    cursor = next;
    const page = await list({ ...query, cursor: cursor ?? undefined });
    yield* page.data;
    next = page.next_cursor;
    // A page whose next_cursor is its own cursor would never end.
  } while (next && next !== cursor);
}

//#endregion

export { iteratePages };
