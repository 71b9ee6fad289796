# Only the text between the two region lines becomes part of the rendered client; its imports are in the template.
from __future__ import annotations

import atexit
import sys
import threading
import time
from types import TracebackType
from typing import Any

from blocking import _SyncClient
from contract import InteractionEventCreate
from errors import IhfError
from options import CallOptions
from reporter_queue import _MAX_RESEND_DELAY, _BaseReporter, _snapshot


# region rendered
class Reporter(_BaseReporter[_SyncClient]):
    """Sends interaction events in the background, in batches, each exactly once. Threads can share it, and it can be used
    after a fork: the child process starts with an empty queue, because the parent sends its own events.

    Close it, or use it in a `with` statement. When the process exits, it sends the remaining events.
    """

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


# endregion
