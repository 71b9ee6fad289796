# Only the text between the two region lines becomes part of the rendered client; its imports are in the template.
from __future__ import annotations

import random
import time
from typing import Final, NamedTuple

from errors import IhfApiError, IhfConnectionError, IhfError, IhfTimeoutError


# region rendered
_INITIAL_BACKOFF: Final = 0.5
"""The delay before a retry is random, from 0 to this many seconds, doubled with each retry up to the maximum."""
_MAX_BACKOFF: Final = 8.0

_MAX_RETRY_AFTER: Final = 60.0
"""A call does not wait for a longer Retry-After. It raises, and the error has `retry_after`. Seconds."""


class _RetryOptions(NamedTuple):
    """Timeouts in seconds, and the maximum number of retries."""

    timeout: float
    total_timeout: float
    max_retries: int


class _RetryState:
    """The state of one call: the timeout of the next attempt, and the delay before it."""

    def __init__(self, options: _RetryOptions, repeatable: bool) -> None:
        self._timeout = options.timeout
        self._deadline = time.monotonic() + options.total_timeout
        self._max_retries = options.max_retries
        self._repeatable = repeatable
        self._retries = 0

    def timeout(self) -> float:
        """Timeout of the next attempt."""
        return max(min(self._timeout, self._deadline - time.monotonic()), 0.001)

    def time_left(self) -> float:
        """Time left for the whole call."""
        return max(self._deadline - time.monotonic(), 0.001)

    @property
    def retries(self) -> int:
        """Number of retries so far, including the next."""
        return self._retries

    def delay_after(self, error: IhfError) -> float | None:
        """Seconds to wait before the next attempt; None if there is none."""
        if self._retries >= self._max_retries:
            return None
        # A request that was rejected by a limit has changed nothing, so every method can be repeated.
        if not (self._repeatable or (isinstance(error, IhfApiError) and error.status == 429)):
            return None
        delay = _delay_after(error, self._retries)
        self._retries += 1
        return None if delay is None or time.monotonic() + delay > self._deadline else delay


def _delay_after(error: IhfError, retries: int) -> float | None:
    """Seconds to wait before the next attempt; None if the call should not be retried."""
    floor = 0.0
    if isinstance(error, IhfApiError):
        floor = error.retry_after or 0.0
        if not _is_transient(error) or floor > _MAX_RETRY_AFTER:
            return None
    elif not isinstance(error, (IhfConnectionError, IhfTimeoutError)):
        return None
    longest = min(_INITIAL_BACKOFF * 2.0**retries, _MAX_BACKOFF)
    return floor + random.random() * longest


def _is_transient(error: IhfApiError) -> bool:
    """Whether the same request may succeed soon."""
    if error.status == 409:
        return error.problem.get("type") == "urn:ihf:problem:idempotency-in-flight"
    return error.status in (408, 429) or (error.status >= 500 and error.status != 501)


# endregion
