# Only the text between the two region lines becomes part of the rendered client; its imports are in the template.
from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any

from asynchronous import _AsyncClient
from contract import InteractionEventCreate
from errors import IhfError
from options import CallOptions
from reporter_queue import _MAX_RESEND_DELAY, _BaseReporter, _snapshot


# region rendered
class AsyncReporter(_BaseReporter[_AsyncClient]):
    """Asynchronous twin of `Reporter`, for one event loop. Close it, or use it in an `async with` statement: events that
    are queued when the event loop ends are lost.
    """

    def _reset(self) -> None:
        self._queue.clear()
        self.dropped = 0
        self._timer = False
        self._sender = False

    def track(self, event: InteractionEventCreate) -> bool:
        """Queues an event and returns at once. `occurred_at` defaults to now. Returns False if the event was dropped.

        Raises:
            ValueError, TypeError: The event cannot be sent as JSON.
        """
        snapshot = _snapshot(event)
        if self._closed or not self._queue.add(snapshot):
            self._drop([snapshot], "the reporter is closed" if self._closed else "the queue is full")
            return False
        if not self._timer:
            self._timer = True
            self._spawn(self._send_later)
        if len(self._queue) >= self._flush_at and not self._sender:
            self._sender = True
            self._spawn(self._send_now)
        return True

    async def flush(self, timeout: float | None = None) -> bool:
        """Sends all queued events and waits until each is recorded or dropped. Returns False after the timeout, in
        seconds; the events stay queued. Default: no timeout."""
        runtime = self._client._runtime()
        deadline = None if timeout is None else time.monotonic() + timeout
        target = self._queue.tracked
        while self._queue.finished < target:
            left = _MAX_RESEND_DELAY if deadline is None else deadline - time.monotonic()
            if left <= 0:
                return False
            async with runtime.lock(self):
                delay = await self._send_batch(None if deadline is None else left)
            await runtime.sleep(min(delay, left))
        return True

    async def aclose(self, timeout: float = 10.0) -> None:
        """Sends the queued events and stops. Events that are not sent within the timeout, in seconds, are dropped."""
        self._closed = True
        await self.flush(timeout)
        self._drop(self._queue.drain(), "they could not be sent before the reporter was closed")

    async def __aenter__(self) -> AsyncReporter:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def _spawn(self, work: Callable[[], Awaitable[None]]) -> None:
        self._client._runtime().spawn(work)

    async def _send_later(self) -> None:
        await self._client._runtime().sleep(self._flush_interval)
        self._timer = False
        if not self._closed:
            await self.flush()

    async def _send_now(self) -> None:
        try:
            await self.flush()
        finally:
            self._sender = False

    async def _send_batch(self, total_timeout: float | None) -> float:
        """Sends the next batch, if there is one. Returns the seconds to wait before the next."""
        batch = self._queue.next_batch()
        if batch is None:
            return 0.0
        options: CallOptions = {} if total_timeout is None else {"total_timeout": total_timeout}
        reason = ""
        results: list[Any] = []
        try:
            result = await self._client.send_interaction_events(
                batch.events, idempotency_key=batch.key, options=options
            )
            results = result["results"]
        except Exception as error:
            delay = self._queue.delay_after(batch, error) if isinstance(error, IhfError) else None
            if delay is not None:
                return delay
            reason = str(error)
        mine = self._queue.batch is batch
        self._queue.finish(batch)
        if mine and reason:
            self._drop(batch.events, reason)
        self._drop_rejected(batch, results)
        return 0.0


# endregion
