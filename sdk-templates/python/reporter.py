# Only the text between the two region lines becomes part of the rendered client; its imports are in the template.
from __future__ import annotations

import atexit
import json
import random
import sys
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import datetime, timezone
from types import TracebackType
from typing import Any, Final, NamedTuple, TypeAlias, cast
from uuid import uuid4

from asynchronous import _AsyncClient
from batches import IhfBatchError
from blocking import _SyncClient
from contract import InteractionEventCreate
from errors import IhfApiError, IhfConnectionError, IhfError, IhfTimeoutError
from forks import _reset_after_fork
from http_messages import _ENCODER, _timestamp
from debug_log import _LOG
from options import CallOptions
from retry import _is_transient


# region rendered
DropHook: TypeAlias = Callable[[list[InteractionEventCreate], str], Any]
"""Called with events that a reporter could not send, and with the reason."""

_RESEND_WITHIN: Final = 23 * 3600.0
"""The server remembers an idempotency key for 24 hours. After that, sending a batch again could record it twice."""

_MAX_RESEND_DELAY: Final = 60.0


class _Batch(NamedTuple):
    """Events that are sent in one call. The key stays the same whenever they are sent again."""

    key: str
    events: list[Any]
    created_at: float


class _ReporterQueue:
    """The events of a reporter that are not sent yet, and the counters. All methods need the lock of the reporter."""

    def __init__(self, max_queue: int, max_batch: int) -> None:
        if max_queue < 1 or max_batch < 1:
            raise ValueError("max_queue and max_batch must be at least 1")
        self._max_queue = max_queue
        self._max_batch = max_batch
        self.clear()

    def clear(self) -> None:
        self._events: deque[Any] = deque()
        self.batch: _Batch | None = None
        self.tracked = 0
        self.finished = 0
        """Number of events that were recorded or dropped. Events finish in the order in which they were tracked."""
        self._failures = 0

    def __len__(self) -> int:
        return len(self._events) + (len(self.batch.events) if self.batch else 0)

    def add(self, event: Any) -> bool:
        if len(self) >= self._max_queue:
            return False
        self._events.append(event)
        self.tracked += 1
        return True

    def next_batch(self) -> _Batch | None:
        """The batch to send: the one that failed, or a new one."""
        if self.batch is None and self._events:
            size = min(len(self._events), self._max_batch)
            events = [self._events.popleft() for _ in range(size)]
            self.batch = _Batch(str(uuid4()), events, time.monotonic())
        return self.batch

    def finish(self, batch: _Batch) -> None:
        if self.batch is batch:
            self.finished += len(batch.events)
            self.batch = None
            self._failures = 0

    def delay_after(self, batch: _Batch, error: IhfError) -> float | None:
        """Seconds to wait before the batch is sent again; None if it must be dropped."""
        cause = error.__cause__ if isinstance(error, IhfBatchError) else error
        if isinstance(cause, IhfApiError):
            if not _is_transient(cause):
                return None
        elif not isinstance(cause, (IhfConnectionError, IhfTimeoutError)):
            return None
        if time.monotonic() - batch.created_at > _RESEND_WITHIN:
            return None
        self._failures += 1
        backoff = min(2.0 ** min(self._failures, 6), _MAX_RESEND_DELAY) * (0.5 + random.random() / 2)
        return max(backoff, getattr(cause, "retry_after", None) or 0.0)

    def drain(self) -> list[Any]:
        """Removes and returns all events."""
        events = [*(self.batch.events if self.batch else ()), *self._events]
        self.finished += len(events)
        self.batch = None
        self._events.clear()
        return events


class _BaseReporter:
    """Base class of both reporters: queue, counters, and what happens to the result of a batch."""

    dropped: int
    """Number of events that were dropped: the queue was full, the server rejected them, or the time to close was over."""

    def __init__(
        self, max_queue: int, max_batch: int, flush_interval: float, flush_at: int, on_drop: DropHook | None
    ) -> None:
        self._queue = _ReporterQueue(max_queue, max_batch)
        self._flush_interval = flush_interval
        self._flush_at = min(flush_at, max_queue)
        self._on_drop = on_drop
        self._closed = False
        self.dropped = 0

    @property
    def queued(self) -> int:
        """Number of events that are not sent yet."""
        return len(self._queue)

    def _drop(self, events: list[Any], reason: str) -> None:
        if not events:
            return
        self.dropped += len(events)
        if self._on_drop is None:
            _LOG.warning("%d events were dropped: %s", len(events), reason)
            return
        try:
            self._on_drop(events, reason)
        except Exception:
            # An error of the application must not stop the events that follow.
            _LOG.exception("on_drop failed")

    def _drop_rejected(self, batch: _Batch, results: list[Any]) -> None:
        for result in results:
            problem = result.get("problem")
            if problem is not None:
                self._drop([batch.events[result["index"]]], f"rejected: {problem.get('detail') or problem.get('title')}")


def _snapshot(event: Any) -> Any:
    """The event as it is now. Raises for values that JSON does not have, because only the caller can correct them."""
    snapshot = json.loads(_ENCODER.encode(event))
    snapshot.setdefault("occurred_at", _timestamp(datetime.now(timezone.utc)))
    return snapshot


class Reporter(_BaseReporter):
    """Sends interaction events in the background, in batches, each exactly once. Threads can share it, and it can be used
    after a fork: the child process starts with an empty queue, because the parent sends its own events.

    Close it, or use it in a `with` statement. When the process exits, it sends the remaining events.

    Args:
        client: Sends the batches.
        max_queue: Maximum number of events in memory. Further events are dropped. Default: 10,000.
        max_batch: Maximum number of events per request. Default: 500.
        flush_interval: Seconds until queued events are sent. Default: 5.
        flush_at: Number of queued events at which they are sent without waiting. Default: 100.
        on_drop: Called with dropped events and the reason. Default: logs a warning.
    """

    def __init__(
        self,
        client: _SyncClient,
        *,
        max_queue: int = 10_000,
        max_batch: int = 500,
        flush_interval: float = 5.0,
        flush_at: int = 100,
        on_drop: DropHook | None = None,
    ) -> None:
        super().__init__(max_queue, max_batch, flush_interval, flush_at, on_drop)
        self._client: Any = client
        self._reset()
        _reset_after_fork(self._reset)

    def _reset(self) -> None:
        self._queue.clear()
        self.dropped = 0
        self._changed = threading.Condition()
        # Held while a batch is sent, so that batches stay in order.
        self._sending = threading.Lock()
        self._thread: threading.Thread | None = None
        self._resend_at = 0.0

    def track(self, event: InteractionEventCreate) -> bool:
        """Queues an event and returns at once. `occurred_at` defaults to now. Returns False if the event was dropped.

        Raises:
            ValueError, TypeError: The event cannot be sent as JSON.
        """
        snapshot = _snapshot(event)
        with self._changed:
            closed = self._closed
            queued = not closed and self._queue.add(snapshot)
            if queued:
                self._start()
                if len(self._queue) in (1, self._flush_at):
                    self._changed.notify_all()
        if not queued:
            self._drop([snapshot], "the reporter is closed" if closed else "the queue is full")
        return queued

    def flush(self, timeout: float | None = None) -> bool:
        """Sends all queued events and waits until each is recorded or dropped. Returns False after the timeout, in
        seconds; the events stay queued. Default: no timeout."""
        deadline = None if timeout is None else time.monotonic() + timeout
        with self._changed:
            target = self._queue.tracked
        while True:
            left = _MAX_RESEND_DELAY if deadline is None else deadline - time.monotonic()
            with self._changed:
                if self._queue.finished >= target:
                    return True
                if left <= 0:
                    return False
                wait = self._resend_at - time.monotonic()
                if wait > 0:
                    self._changed.wait(min(wait, left))
                    continue
            if not self._sending.acquire(timeout=left):
                continue
            try:
                self._send_batch(None if deadline is None else left)
            finally:
                self._sending.release()

    def close(self, timeout: float = 10.0) -> None:
        """Sends the queued events and stops. Events that are not sent within the timeout, in seconds, are dropped."""
        with self._changed:
            closed, self._closed = self._closed, True
            self._resend_at = 0.0
            self._changed.notify_all()
        if not closed:
            atexit.unregister(self._close_at_exit)
        self.flush(timeout)
        with self._changed:
            events = self._queue.drain()
        self._drop(events, "they could not be sent before the reporter was closed")

    def __enter__(self) -> Reporter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _start(self) -> None:
        """Starts the thread with the first event of a process, because threads do not survive a fork."""
        if self._thread is not None:
            return
        self._thread = threading.Thread(target=self._run, name="ihf-reporter", daemon=True)
        self._thread.start()
        atexit.unregister(self._close_at_exit)
        atexit.register(self._close_at_exit)
        # Child processes of multiprocessing do not run atexit, but their own finalizers.
        multiprocessing: Any = sys.modules.get("multiprocessing.util")
        if multiprocessing is not None:
            multiprocessing.Finalize(None, self._close_at_exit, exitpriority=10)

    def _close_at_exit(self) -> None:
        if not self._closed:
            self.close()

    def _run(self) -> None:
        while self._wait():
            with self._sending:
                self._send_batch(None)

    def _wait(self) -> bool:
        """Waits until events must be sent. Returns False when the reporter is closed."""
        with self._changed:
            due: float | None = None
            while not self._closed:
                now = time.monotonic()
                if len(self._queue) == 0:
                    due = None
                    self._changed.wait()
                    continue
                due = now + self._flush_interval if due is None else due
                full = len(self._queue) >= self._flush_at
                wait = self._resend_at - now if full else max(due, self._resend_at) - now
                if wait <= 0:
                    return True
                self._changed.wait(wait)
            return False

    def _send_batch(self, total_timeout: float | None) -> None:
        """Sends the next batch, if there is one."""
        with self._changed:
            batch = self._queue.next_batch()
        if batch is None:
            return
        options: CallOptions = {} if total_timeout is None else {"total_timeout": total_timeout}
        reason = ""
        results: list[Any] = []
        try:
            results = self._client.send_interaction_events(batch.events, idempotency_key=batch.key, options=options)[
                "results"
            ]
        except Exception as error:
            with self._changed:
                delay = self._queue.delay_after(batch, error) if isinstance(error, IhfError) else None
                if delay is not None:
                    self._resend_at = time.monotonic() + delay
                    return
            reason = str(error)
        with self._changed:
            mine = self._queue.batch is batch
            self._queue.finish(batch)
            self._changed.notify_all()
        if mine and reason:
            self._drop(batch.events, reason)
        self._drop_rejected(batch, results)


class AsyncReporter(_BaseReporter):
    """Asynchronous twin of `Reporter`, for one event loop. Close it, or use it in an `async with` statement: events that
    are queued when the event loop ends are lost.

    Args:
        client: Sends the batches.
        max_queue: Maximum number of events in memory. Further events are dropped. Default: 10,000.
        max_batch: Maximum number of events per request. Default: 500.
        flush_interval: Seconds until queued events are sent. Default: 5.
        flush_at: Number of queued events at which they are sent without waiting. Default: 100.
        on_drop: Called with dropped events and the reason. Default: logs a warning.
    """

    def __init__(
        self,
        client: _AsyncClient,
        *,
        max_queue: int = 10_000,
        max_batch: int = 500,
        flush_interval: float = 5.0,
        flush_at: int = 100,
        on_drop: DropHook | None = None,
    ) -> None:
        super().__init__(max_queue, max_batch, flush_interval, flush_at, on_drop)
        self._client: Any = client
        self._reset()
        _reset_after_fork(self._reset)

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
