# The parts of the contract that the runtime uses, so that it can be type-checked and tested on its own.
# In the rendered client the real ones replace these.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, TypedDict

CONTRACT_REVISION: Final = 1

_VERSION: Final = "2.0.1"

_API_ERRORS: Final[Mapping[str | int, Any]] = {}


class ValueInfo(NamedTuple):
    label: str
    description: str
    status: str = "active"


class _ValidationIssueRequired(TypedDict):
    code: str
    detail: str


class ValidationIssue(_ValidationIssueRequired, total=False):
    pointer: str
    parameter: str


class _ProblemRequired(TypedDict):
    type: str
    title: str
    status: int


class Problem(_ProblemRequired, total=False):
    detail: str
    request_id: str
    errors: list[ValidationIssue]


class InteractionEventCreate(TypedDict):
    widget_id: str
    event_type: str


class WebhookMessage(TypedDict):
    type: str
    timestamp: str
    data: Any
