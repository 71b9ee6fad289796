# Only what stands between the two region lines is put into the rendered client, whose imports are the template's.
from __future__ import annotations

import random
import time
from typing import Final, NamedTuple

from errors import IhfApiError, IhfConnectionError, IhfError, IhfTimeoutError


# region rendered
_FIRST_BACKOFF: Final = 0.5
"""A wait before a try is drawn from 0 to this, which doubles with every try up to the longest."""
_LONGEST_BACKOFF: Final = 8.0

_LONGEST_RETRY_AFTER: Final = 60.0
"""Nobody wants a call to wait for longer than this because the hub says so: the error says when to come again."""


class _Limits(NamedTuple):
    """How long to wait, in seconds, and how often to try again."""

    timeout: float
    total_timeout: float
    max_retries: int


class _Tries:
    """The tries of one call: how long the next may take, and when it may begin."""

    def __init__(self, limits: _Limits, repeatable: bool) -> None:
        self._timeout = limits.timeout
        self._ends_at = time.monotonic() + limits.total_timeout
        self._max_retries = limits.max_retries if repeatable else 0
        self._retries = 0

    def timeout(self) -> float:
        return max(min(self._timeout, self._ends_at - time.monotonic()), 0.001)

    def delay_after(self, failure: IhfError) -> float | None:
        """How many seconds to wait before the next try; None if there is none."""
        if self._retries >= self._max_retries:
            return None
        delay = _delay_after(failure, self._retries)
        self._retries += 1
        return None if delay is None or time.monotonic() + delay > self._ends_at else delay


def _delay_after(failure: IhfError, retries: int) -> float | None:
    """How many seconds to wait before the next try; None if another try would not help."""
    floor = 0.0
    if isinstance(failure, IhfApiError):
        floor = failure.retry_after or 0.0
        if not _is_passing(failure) or floor > _LONGEST_RETRY_AFTER:
            return None
    elif not isinstance(failure, (IhfConnectionError, IhfTimeoutError)):
        return None
    longest = min(_FIRST_BACKOFF * 2.0**retries, _LONGEST_BACKOFF)
    return floor + random.random() * longest


def _is_passing(error: IhfApiError) -> bool:
    """Whether the same request can have another answer soon."""
    if error.status == 409:
        return error.problem.get("type") == "urn:ihf:problem:idempotency-in-flight"
    return error.status in (408, 429) or (error.status >= 500 and error.status != 501)


# endregion
