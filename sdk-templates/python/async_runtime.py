# Only the text between the two region lines becomes part of the rendered client; its imports are in the template.
from __future__ import annotations

import importlib
import math
import sys
import weakref
from collections.abc import Awaitable, Callable
from typing import Any, Final

from errors import IhfTimeoutError


# region rendered
_MAX_CONNECTIONS: Final = 100
"""Maximum number of connections of an asynchronous client in one event loop. Further calls wait."""


class _Runtime:
    """The part of an asynchronous client that belongs to one event loop of asyncio: connections and the token request."""

    def __init__(self, loop: Callable[[], object], transport: Any, slots: int | None) -> None:
        self.loop = loop
        self.transport = transport
        # Imported here, so that the synchronous client starts faster.
        self._asyncio: Any = importlib.import_module("asyncio")
        self._slots: Any = self._asyncio.Semaphore(slots) if slots else None
        self._fetching: Any = None
        self._tasks: set[Any] = set()
        self._locks: weakref.WeakKeyDictionary[Any, Any] = weakref.WeakKeyDictionary()

    def lock(self, owner: object) -> Any:
        """The lock of an object."""
        return self._locks.setdefault(owner, self._asyncio.Lock())

    def spawn(self, work: Callable[[], Awaitable[None]]) -> None:
        """Starts a task in the background."""
        task = self._asyncio.ensure_future(work())
        # The event loop holds only weak references.
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def sleep(self, delay: float) -> None:
        await self._asyncio.sleep(delay)

    async def acquire(self, timeout: float) -> bool:
        """Waits until a connection is free. Returns False after the timeout."""
        if self._slots is None:
            return True
        if not self._slots.locked():
            await self._slots.acquire()
            return True
        waiting = self._asyncio.ensure_future(self._slots.acquire())
        acquired = False
        try:
            acquired = await self._completes(waiting, timeout)
        finally:
            if not acquired and waiting.done() and not waiting.cancelled():
                # The caller was cancelled just after the connection became free.
                self._slots.release()
            waiting.cancel()
        return acquired

    def release(self) -> None:
        if self._slots is not None:
            self._slots.release()

    async def within(self, timeout: float, work: Awaitable[Any]) -> Any:
        """Awaits the work with a timeout, and cancels it with the caller. Replaces `wait_for`, which before Python 3.12
        loses a cancellation that arrives when the work completes."""
        task = self._asyncio.ensure_future(work)
        try:
            if await self._completes(task, timeout):
                return task.result()
        finally:
            task.cancel()
        raise TimeoutError("timed out")

    async def fetch_once(self, fetch: Callable[[], Awaitable[str]], timeout: float) -> str:
        """Shares one token request between all calls that need a token meanwhile."""
        if self._fetching is None:
            self._fetching = self._asyncio.ensure_future(fetch())
            self._fetching.add_done_callback(self._fetched)
        # Other calls may wait for the same token, so the timeout of this call must not cancel the token request.
        fetching = self._fetching
        if not await self._completes(fetching, timeout):
            raise IhfTimeoutError(f"token request timed out after {timeout:g} s")
        return str(fetching.result())

    def _fetched(self, task: Any) -> None:
        self._fetching = None
        if not task.cancelled():
            # Retrieves the exception, because asyncio logs one that is never retrieved if all callers have given up.
            task.exception()

    async def _completes(self, task: Any, timeout: float) -> bool:
        done, _ = await self._asyncio.wait({task}, timeout=None if timeout == math.inf else timeout)
        return bool(done)


class _TrioRuntime:
    """Twin of `_Runtime` for trio."""

    def __init__(self, loop: Callable[[], object], transport: Any, slots: int | None) -> None:
        self.loop = loop
        self.transport = transport
        self._trio: Any = sys.modules["trio"]
        self._slots: Any = self._trio.Semaphore(slots) if slots else None
        self._fetching: Any = self._trio.Lock()
        self._fetches = 0
        self._token = ""
        self._locks: weakref.WeakKeyDictionary[Any, Any] = weakref.WeakKeyDictionary()

    def lock(self, owner: object) -> Any:
        return self._locks.setdefault(owner, self._trio.Lock())

    def spawn(self, work: Callable[[], Awaitable[None]]) -> None:
        self._trio.lowlevel.spawn_system_task(work)

    async def sleep(self, delay: float) -> None:
        await self._trio.sleep(delay)

    async def acquire(self, timeout: float) -> bool:
        if self._slots is None:
            return True
        with self._trio.move_on_after(timeout):
            await self._slots.acquire()
            return True
        return False

    def release(self) -> None:
        if self._slots is not None:
            self._slots.release()

    async def within(self, timeout: float, work: Awaitable[Any]) -> Any:
        with self._trio.move_on_after(timeout):
            return await work
        raise TimeoutError("timed out")

    async def fetch_once(self, fetch: Callable[[], Awaitable[str]], timeout: float) -> str:
        fetches = self._fetches
        with self._trio.move_on_after(timeout):
            async with self._fetching:
                # Fetched by another call while this one waited.
                if self._fetches == fetches:
                    self._token = await fetch()
                    self._fetches += 1
                return self._token
        raise IhfTimeoutError(f"token request timed out after {timeout:g} s")


def _running_loop() -> tuple[object, type[_Runtime | _TrioRuntime]]:
    """The event loop of the caller, and the runtime for it."""
    trio: Any = sys.modules.get("trio")
    if trio is not None and trio.lowlevel.in_trio_run():
        return trio.lowlevel.current_trio_token(), _TrioRuntime
    asyncio: Any = importlib.import_module("asyncio")
    return asyncio.get_running_loop(), _Runtime


# endregion
