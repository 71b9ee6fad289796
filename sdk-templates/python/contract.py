# What the runtime reads of the contract, so that it can be type-checked and tested by itself.
# The rendered client has the real ones in their place.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypedDict

CONTRACT_REVISION: Final = 1

_VERSION: Final = "2.0.1"

_API_ERRORS: Final[Mapping[str | int, Any]] = {}


class _FailureRequired(TypedDict):
    code: str
    detail: str


class Failure(_FailureRequired, total=False):
    pointer: str
    parameter: str


class _ProblemRequired(TypedDict):
    type: str
    title: str
    status: int


class Problem(_ProblemRequired, total=False):
    detail: str
    request_id: str
    errors: list[Failure]


class WebhookMessage(TypedDict):
    type: str
    timestamp: str
    data: Any
