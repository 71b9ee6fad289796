# Only what stands between the two region lines is put into the rendered client, whose imports are the template's.
from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final, cast

from contract import Failure, Problem


# region rendered
class IhfError(Exception):
    """What every failed call raises."""


class IhfConnectionError(IhfError):
    """The hub was not reached, or the connection broke. `__cause__` says why."""


class IhfTimeoutError(IhfError):
    """The hub did not answer within `timeout`. It may still have done what was asked."""


class IhfApiError(IhfError):
    """The answer is an error."""

    status: int
    problem: Problem
    """The problem document. Its type is `about:blank` if something between here and the hub answered without one."""
    errors: list[Failure]
    """Every failure of the request, at its place. Empty unless the hub listed some."""
    request_id: str | None
    """What to name when asking the hub's operator."""

    def __init__(self, status: int, problem: Problem, request_id: str | None = None) -> None:
        # These become `args`, from which the error is made anew when it leaves a worker process.
        super().__init__(status, problem, request_id)
        errors = problem.get("errors")
        self.status = status
        self.problem = problem
        self.errors = [failure for failure in errors if isinstance(failure, dict)] if isinstance(errors, list) else []
        self.request_id = request_id or problem.get("request_id")

    def __str__(self) -> str:
        detail = self.problem.get("detail")
        lines = [f"{self.problem['title']} ({self.status})" + (f": {detail}" if detail else "")]
        for failure in self.errors:
            place = failure.get("pointer") or failure.get("parameter") or "request"
            lines.append(f"  {place}: {failure.get('detail')}")
        return "\n".join(lines)


class BadRequestError(IhfApiError):
    """400: the request could not be parsed."""


class NotFoundError(IhfApiError):
    """404: there is nothing at this address."""


class ConflictError(IhfApiError):
    """409: the request conflicts with what is stored, or with a request in flight."""


class ContentTooLargeError(IhfApiError):
    """413: the body is larger than the hub accepts."""


class UnsupportedMediaTypeError(IhfApiError):
    """415: the body is not of a media type that the operation takes."""


class InvalidRequestError(IhfApiError):
    """422: the request breaks the contract; `errors` lists every failure."""


class ServerError(IhfApiError):
    """5xx: the hub, or something before it, failed."""


_ERROR_BY_STATUS: Final[Mapping[int, type[IhfApiError]]] = {
    400: BadRequestError,
    404: NotFoundError,
    409: ConflictError,
    413: ContentTooLargeError,
    415: UnsupportedMediaTypeError,
    422: InvalidRequestError,
}


def _api_error(status: int, reason: str, body: bytes, request_id: str | None) -> IhfApiError:
    kind = _ERROR_BY_STATUS.get(status, ServerError if status >= 500 else IhfApiError)
    text = body.decode(errors="replace")
    return kind(status, _problem(text) or _blank_problem(status, reason, text), request_id)


def _problem(text: str) -> Problem | None:
    try:
        document = json.loads(text)
    except ValueError:
        return None
    if isinstance(document, dict) and isinstance(document.get("title"), str):
        return cast(Problem, document)
    return None


def _blank_problem(status: int, reason: str, text: str) -> Problem:
    """A proxy answers in its own way: the beginning of what it said helps to find it."""
    said = " ".join(text.split())[:200]
    return {
        "type": "about:blank",
        "title": reason or "HTTP error",
        "status": status,
        "detail": f"The answer is not one of the hub's: {said}" if said else "The answer is empty.",
    }


# endregion
