# Only the text between the two region lines becomes part of the rendered client; its imports are in the template.
from __future__ import annotations

from contract import ValidationIssue, Problem


# region rendered
class IhfError(Exception):
    """Base class of all errors raised by the client."""


class _IhfTransportError(IhfError):
    method: str
    """HTTP method of the request."""
    url: str
    """URL of the request."""

    def __init__(self, message: str, method: str = "", url: str = "") -> None:
        # These become `args`, from which pickle rebuilds the error in another process.
        super().__init__(message, method, url)
        self.method = method
        self.url = url

    def __str__(self) -> str:
        return str(self.args[0])


class IhfConnectionError(_IhfTransportError):
    """The server could not be reached, or the connection was lost. `__cause__` is the underlying error."""


class IhfTimeoutError(_IhfTransportError):
    """No complete response arrived within `timeout`. The server may still have processed the request."""


class IhfApiError(IhfError):
    """The server returned an error response."""

    status: int
    """HTTP status code."""
    problem: Problem
    """The problem document (RFC 9457). Its type is `about:blank` if the response had none, for example from a proxy."""
    errors: list[ValidationIssue]
    """The validation issues of the request; empty if the server returned none."""
    request_id: str | None
    """Request id; include it in support requests."""
    retry_after: float | None
    """Seconds to wait before the next attempt, from the `Retry-After` header."""
    method: str
    """HTTP method of the request."""
    url: str
    """URL of the request."""

    def __init__(
        self,
        status: int,
        problem: Problem,
        request_id: str | None = None,
        retry_after: float | None = None,
        method: str = "",
        url: str = "",
    ) -> None:
        # These become `args`, from which pickle rebuilds the error in another process.
        super().__init__(status, problem, request_id, retry_after, method, url)
        errors = problem.get("errors")
        self.status = status
        self.problem = problem
        self.errors = [issue for issue in errors if isinstance(issue, dict)] if isinstance(errors, list) else []
        self.request_id = request_id or problem.get("request_id")
        self.retry_after = retry_after
        self.method = method
        self.url = url

    def __str__(self) -> str:
        detail = self.problem.get("detail")
        lines = [f"{self.problem['title']} ({self.status})" + (f": {detail}" if detail else "")]
        for issue in self.errors:
            location = issue.get("pointer") or issue.get("parameter") or "request"
            lines.append(f"  {location}: {issue.get('detail')}")
        return "\n".join(lines)


# endregion
