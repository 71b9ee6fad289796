# Only the text between the two region lines becomes part of the rendered client; its imports are in the template.
from __future__ import annotations

import json
import random
import time
from collections import deque
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any, Final, Generic, NamedTuple, TypeAlias
from uuid import uuid4

from base import _Client
from batches import IhfBatchError
from contract import InteractionEventCreate
from debug_log import _LOG
from errors import IhfApiError, IhfConnectionError, IhfError, IhfTimeoutError
from forks import _reset_after_fork
from http_messages import _ENCODER, _timestamp
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


class _BaseReporter(Generic[_Client]):
    """Base class of both reporters: queue, counters, and what happens to the result of a batch."""

    dropped: int
    """Number of events that were dropped: the queue was full, the server rejected them, or the time to close was over."""

    def __init__(
        self,
        client: _Client,
        *,
        max_queue: int = 10_000,
        max_batch: int = 500,
        flush_interval: float = 5.0,
        flush_at: int = 100,
        on_drop: DropHook | None = None,
    ) -> None:
        """
        Args:
            client: Sends the batches.
            max_queue: Maximum number of events in memory. Further events are dropped. Default: 10,000.
            max_batch: Maximum number of events per request. Default: 500.
            flush_interval: Seconds until queued events are sent. Default: 5.
            flush_at: Number of queued events at which they are sent without waiting. Default: 100.
            on_drop: Called with dropped events and the reason. Default: logs a warning.
        """
        self._client: Any = client
        self._queue = _ReporterQueue(max_queue, max_batch)
        self._flush_interval = flush_interval
        self._flush_at = min(flush_at, max_queue)
        self._on_drop = on_drop
        self._closed = False
        self.dropped = 0
        self._reset()
        _reset_after_fork(self._reset)

    def _reset(self) -> None:
        """Empties the queue, when the reporter is created and after a fork."""
        raise NotImplementedError

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


# endregion
