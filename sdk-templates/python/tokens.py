# Only what stands between the two region lines is put into the rendered client, whose imports are the template's.
from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from credentials import _Credentials
from errors import IhfTimeoutError


# region rendered
class _Flight:
    """A token that is being fetched: whoever comes meanwhile waits for it."""

    def __init__(self) -> None:
        self.landed = threading.Event()
        self.authorization: str | None = None
        self.failure: Exception | None = None


class _Tokens:
    """Fetches access tokens, one at a time for all threads."""

    def __init__(self, credentials: _Credentials, fetch: Callable[[], Any]) -> None:
        self._credentials = credentials
        self._fetch = fetch
        self._lock = threading.Lock()
        self._flight: _Flight | None = None

    def authorization(self, timeout: float) -> str | None:
        with self._lock:
            held = self._credentials.held()
            if held is not None:
                return held
            flight = self._flight
            if flight is None:
                flight = self._flight = _Flight()
                self._start(flight)
        if not flight.landed.wait(min(timeout, threading.TIMEOUT_MAX)):
            raise IhfTimeoutError(f"the access token took longer than {timeout:g} s")
        if flight.failure is not None:
            raise flight.failure
        return flight.authorization

    def _start(self, flight: _Flight) -> None:
        # In a thread of its own: the caller that gives up must not end it for the others.
        threading.Thread(target=self._fly, args=(flight,), daemon=True).start()

    def _fly(self, flight: _Flight) -> None:
        asked = time.monotonic()
        try:
            flight.authorization = self._credentials.hold(self._fetch(), asked)
        except Exception as error:
            flight.failure = error
        finally:
            with self._lock:
                self._flight = None
            flight.landed.set()


# endregion
