// Only what stands between the two region lines is put into the rendered client.

//#region rendered
/** The items of every page, from the one that the query begins with. */
async function* pages<Item, Query extends { cursor?: string | undefined }>(
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
    // A page that is its own next one would have no end.
  } while (next && next !== cursor);
}

//#endregion

export { pages };
