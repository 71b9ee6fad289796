# Only the text between the two region lines becomes part of the rendered client; its imports are in the template.
from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Iterator
from hashlib import sha256
from itertools import islice
from typing import Any, Final, TypeAlias

from errors import IhfApiError, IhfError


# region rendered
class IhfBatchError(IhfError):
    """A batch call was cut short: a request or the iterator of the items failed, and the following items were not sent.
    `__cause__` is the error."""

    index: int
    """Index of the first item without a result. The items of the failed request may have been recorded."""
    results: list[Any]
    """Results of the items of the previous requests, in input order."""

    def __init__(self, index: int, results: list[Any], reason: str) -> None:
        super().__init__(index, results, reason)
        self.index = index
        self.results = results
        self.reason = reason

    def __str__(self) -> str:
        return f"items from index {self.index} on were not confirmed: {self.reason}"


ResultsHook: TypeAlias = Callable[[list[Any]], Any]
"""Called with the results of each request of a batch call, as soon as they arrive. They are kept if the call is cancelled."""

_MAX_KEY_LENGTH: Final = 255


class _BatchResults:
    """Collects the results of all items in input order."""

    def __init__(self, key: str | None, on_results: ResultsHook | None) -> None:
        self._key = key
        self._on_results = on_results
        self.total: dict[str, Any] = {"accepted": 0, "rejected": 0, "results": []}

    def key(self, start: int, part: list[Any]) -> str | None:
        if self._key is None:
            return None
        suffix = f"-{start}-{len(part)}"
        if len(self._key) + len(suffix) <= _MAX_KEY_LENGTH:
            return self._key + suffix
        return sha256(self._key.encode()).hexdigest() + suffix

    def add(self, start: int, result: Any) -> None:
        self.total["accepted"] += result["accepted"]
        self.total["rejected"] += result["rejected"]
        results = [{**item, "index": start + item["index"]} for item in result["results"]]
        self.total["results"] += results
        if self._on_results is not None:
            self._on_results(results)

    def guard(self, chunks: Iterator[tuple[int, list[Any]]]) -> Iterator[tuple[int, list[Any]]]:
        """Keeps the results if the iterator of the application fails."""
        try:
            yield from chunks
        except Exception as error:
            raise self.cut_short(error) from error

    async def guard_async(self, chunks: AsyncIterator[tuple[int, list[Any]]]) -> AsyncIterator[tuple[int, list[Any]]]:
        try:
            async for numbered in chunks:
                yield numbered
        except Exception as error:
            raise self.cut_short(error) from error

    def cut_short(self, error: Exception) -> IhfBatchError:
        results = self.total["results"]
        return IhfBatchError(len(results), results, str(error) or type(error).__name__)

    def split_or_raise(self, start: int, part: list[Any], error: Exception) -> list[tuple[int, list[Any]]]:
        """Splits a part that was too large (413) into parts to send instead, last first. Raises for any other error."""
        if not isinstance(error, IhfApiError) or error.status != 413:
            raise IhfBatchError(start, self.total["results"], str(error)) from error
        if len(part) == 1:
            rejected = {"index": 0, "status": 413, "problem": error.problem}
            self.add(start, {"accepted": 0, "rejected": 1, "results": [rejected]})
            return []
        half = len(part) // 2
        return [(start + half, part[half:]), (start, part[:half])]


def _send_batches(
    items: Iterable[Any],
    max_items: int,
    key: str | None,
    on_results: ResultsHook | None,
    send: Callable[[Any, Any], Any],
) -> Any:
    """Sends items in requests of at most `max_items`."""
    batches = _BatchResults(key, on_results)
    for start, chunk in batches.guard(_chunks(items, max_items)):
        pending = [(start, chunk)]
        while pending:
            at, part = pending.pop()
            try:
                result = send(part, batches.key(at, part))
            except Exception as error:
                pending += batches.split_or_raise(at, part, error)
            else:
                batches.add(at, result)
    return batches.total


async def _send_async_batches(
    items: Iterable[Any] | AsyncIterable[Any],
    max_items: int,
    key: str | None,
    on_results: ResultsHook | None,
    send: Callable[[Any, Any], Awaitable[Any]],
) -> Any:
    """Asynchronous twin of `_send_batches`."""
    batches = _BatchResults(key, on_results)
    async for start, chunk in batches.guard_async(_async_chunks(items, max_items)):
        pending = [(start, chunk)]
        while pending:
            at, part = pending.pop()
            try:
                result = await send(part, batches.key(at, part))
            except Exception as error:
                pending += batches.split_or_raise(at, part, error)
            else:
                batches.add(at, result)
    return batches.total


def _chunks(items: Iterable[Any], max_items: int) -> Iterator[tuple[int, list[Any]]]:
    iterator = iter(items)
    start = 0
    while chunk := list(islice(iterator, max_items)):
        yield start, chunk
        start += len(chunk)


async def _async_chunks(
    items: Iterable[Any] | AsyncIterable[Any], max_items: int
) -> AsyncIterator[tuple[int, list[Any]]]:
    if not isinstance(items, AsyncIterable):
        for numbered in _chunks(items, max_items):
            yield numbered
        return
    start = 0
    chunk: list[Any] = []
    async for item in items:
        chunk.append(item)
        if len(chunk) == max_items:
            yield start, chunk
            start += max_items
            chunk = []
    if chunk:
        yield start, chunk


# endregion
