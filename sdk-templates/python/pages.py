# Only the text between the two region lines becomes part of the rendered client; its imports are in the template.
from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any


# region rendered
def _iterate_pages(list_page: Callable[[Any], Any], cursor: str | None) -> Iterator[Any]:
    """Iterates over the items of all pages, starting at the cursor."""
    while True:
        page = list_page(cursor)
        yield from page["data"]
        next_cursor = page["next_cursor"]
        # A page whose next_cursor is its own cursor would never end.
        if not next_cursor or next_cursor == cursor:
            return
        cursor = next_cursor


async def _iterate_pages_async(list_page: Callable[[Any], Awaitable[Any]], cursor: str | None) -> AsyncIterator[Any]:
    """Asynchronous twin of `_iterate_pages`."""
    while True:
        page = await list_page(cursor)
        for item in page["data"]:
            yield item
        next_cursor = page["next_cursor"]
        if not next_cursor or next_cursor == cursor:
            return
        cursor = next_cursor


# endregion
