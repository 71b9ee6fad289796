# Only what stands between the two region lines is put into the rendered client, whose imports are the template's.
from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any


# region rendered
def _pages(list_page: Callable[[Any], Any], cursor: str | None) -> Iterator[Any]:
    """The items of every page, from the one that the cursor names."""
    while True:
        page = list_page(cursor)
        yield from page["data"]
        following = page["next_cursor"]
        # A page that is its own next one would have no end.
        if not following or following == cursor:
            return
        cursor = following


async def _async_pages(list_page: Callable[[Any], Awaitable[Any]], cursor: str | None) -> AsyncIterator[Any]:
    """`_pages`, awaiting."""
    while True:
        page = await list_page(cursor)
        for item in page["data"]:
            yield item
        following = page["next_cursor"]
        if not following or following == cursor:
            return
        cursor = following


# endregion
