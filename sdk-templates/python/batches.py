# Only what stands between the two region lines is put into the rendered client, whose imports are the template's.
from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from errors import IhfApiError, IhfError


# region rendered
class IhfBatchError(IhfError):
    """A batch failed as a whole, and the ones after it were not sent. `__cause__` says why."""

    index: int
    """The index of the first item of which nothing is known."""
    results: list[Any]
    """What became of the items before the batch that failed."""

    def __init__(self, index: int, results: list[Any], reason: str) -> None:
        super().__init__(index, results, reason)
        self.index = index
        self.results = results
        self.reason = reason

    def __str__(self) -> str:
        return f"the items from {self.index} on were not reported: {self.reason}"


class _Batches:
    """Collects what became of each item by its place among them all."""

    def __init__(self, key: str | None) -> None:
        self._key = key
        self.total: dict[str, Any] = {"accepted": 0, "rejected": 0, "results": []}

    def key(self, start: int, part: list[Any]) -> str | None:
        return None if self._key is None else f"{self._key}-{start}-{len(part)}"

    def add(self, start: int, answer: Any) -> None:
        self.total["accepted"] += answer["accepted"]
        self.total["rejected"] += answer["rejected"]
        self.total["results"] += ({**result, "index": start + result["index"]} for result in answer["results"])

    def refused(self, start: int, part: list[Any], error: IhfError) -> list[tuple[int, list[Any]]]:
        """The parts to send in place of one that was too large, the last first."""
        if not isinstance(error, IhfApiError) or error.status != 413:
            raise IhfBatchError(start, self.total["results"], str(error)) from error
        if len(part) == 1:
            self.total["rejected"] += 1
            self.total["results"].append({"index": start, "status": 413, "problem": error.problem})
            return []
        half = len(part) // 2
        return [(start + half, part[half:]), (start, part[:half])]


def _send_batches(items: Iterable[Any], most: int, key: str | None, send: Callable[[Any, Any], Any]) -> Any:
    """Sends any number of items, so many at a time."""
    batches = _Batches(key)
    for start, chunk in _chunks(items, most):
        waiting = [(start, chunk)]
        while waiting:
            at, part = waiting.pop()
            try:
                batches.add(at, send(part, batches.key(at, part)))
            except IhfError as error:
                waiting += batches.refused(at, part, error)
    return batches.total


async def _send_async_batches(
    items: Iterable[Any] | AsyncIterable[Any], most: int, key: str | None, send: Callable[[Any, Any], Awaitable[Any]]
) -> Any:
    """`_send_batches`, awaiting."""
    batches = _Batches(key)
    async for start, chunk in _async_chunks(items, most):
        waiting = [(start, chunk)]
        while waiting:
            at, part = waiting.pop()
            try:
                batches.add(at, await send(part, batches.key(at, part)))
            except IhfError as error:
                waiting += batches.refused(at, part, error)
    return batches.total


def _chunks(items: Iterable[Any], most: int) -> Iterator[tuple[int, list[Any]]]:
    iterator = iter(items)
    start = 0
    while chunk := list(islice(iterator, most)):
        yield start, chunk
        start += len(chunk)


async def _async_chunks(
    items: Iterable[Any] | AsyncIterable[Any], most: int
) -> AsyncIterator[tuple[int, list[Any]]]:
    if not isinstance(items, AsyncIterable):
        for numbered in _chunks(items, most):
            yield numbered
        return
    start = 0
    chunk: list[Any] = []
    async for item in items:
        chunk.append(item)
        if len(chunk) == most:
            yield start, chunk
            start += most
            chunk = []
    if chunk:
        yield start, chunk


# endregion
