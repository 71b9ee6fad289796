# Only the text between the two region lines becomes part of the rendered client; its imports are in the template.
from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from credentials import _Credentials
from errors import IhfTimeoutError
from forks import _reset_after_fork


# region rendered
class _Flight:
    """A token request in progress. Calls that need a token meanwhile wait for it."""

    def __init__(self) -> None:
        self.landed = threading.Event()
        self.authorization: str | None = None
        self.error: Exception | None = None


class _Tokens:
    """Fetches access tokens. All threads share one token request at a time."""

    def __init__(self, credentials: _Credentials, fetch: Callable[[], Any]) -> None:
        self._credentials = credentials
        self._fetch = fetch
        self._lock = threading.Lock()
        self._flight: _Flight | None = None
        _reset_after_fork(self._reset)

    def _reset(self) -> None:
        # The thread that held the lock or fetched the token does not exist in the child process.
        self._lock = threading.Lock()
        self._flight = None

    def authorization(self, timeout: float) -> str | None:
        start = False
        with self._lock:
            token = self._credentials.current()
            if token is not None:
                return token
            flight = self._flight
            if flight is None:
                flight = self._flight = _Flight()
                start = True
        if start:
            self._start(flight)
        if not flight.landed.wait(min(timeout, threading.TIMEOUT_MAX)):
            raise IhfTimeoutError(f"token request timed out after {timeout:g} s")
        if flight.error is not None:
            raise flight.error
        return flight.authorization

    def _start(self, flight: _Flight) -> None:
        # In its own thread, because other calls may wait for the same token after this one has timed out.
        thread = threading.Thread(target=self._run, args=(flight,), daemon=True)
        try:
            thread.start()
        except RuntimeError:
            # While the interpreter exits, no thread can be started. A reporter sends its last events then.
            self._run(flight)

    def _run(self, flight: _Flight) -> None:
        requested_at = time.monotonic()
        try:
            flight.authorization = self._credentials.store(self._fetch(), requested_at)
        except Exception as error:
            flight.error = error
        finally:
            with self._lock:
                self._flight = None
            flight.landed.set()


# endregion
