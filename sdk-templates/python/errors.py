# Only what stands between the two region lines is put into the rendered client, whose imports are the template's.
from __future__ import annotations

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
    retry_after: float | None
    """After how many seconds the hub asks to be called again."""

    def __init__(
        self, status: int, problem: Problem, request_id: str | None = None, retry_after: float | None = None
    ) -> None:
        # These become `args`, from which the error is made anew when it leaves a worker process.
        super().__init__(status, problem, request_id, retry_after)
        errors = problem.get("errors")
        self.status = status
        self.problem = problem
        self.errors = [failure for failure in errors if isinstance(failure, dict)] if isinstance(errors, list) else []
        self.request_id = request_id or problem.get("request_id")
        self.retry_after = retry_after

    def __str__(self) -> str:
        detail = self.problem.get("detail")
        lines = [f"{self.problem['title']} ({self.status})" + (f": {detail}" if detail else "")]
        for failure in self.errors:
            place = failure.get("pointer") or failure.get("parameter") or "request"
            lines.append(f"  {place}: {failure.get('detail')}")
        return "\n".join(lines)


# endregion
