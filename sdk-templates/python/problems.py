# Only what stands between the two region lines is put into the rendered client, whose imports are the template's.
from __future__ import annotations

import json
import re
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import cast

from contract import _API_ERRORS, Problem
from errors import IhfApiError
from messages import Response


# region rendered
def _api_error(response: Response) -> IhfApiError:
    status = response.status
    text = response.body.decode(errors="replace")
    problem = _problem(status, text) or _blank_problem(status, response.reason, text)
    of_status = _API_ERRORS.get(status if status < 500 else 500, IhfApiError)
    kind = _API_ERRORS.get(str(problem.get("type")), of_status)
    return kind(status, problem, response.headers.get("x-request-id"), _retry_after(response.headers.get("retry-after")))


def _problem(status: int, text: str) -> Problem | None:
    try:
        document = json.loads(text)
    except ValueError:
        return None
    if not isinstance(document, dict):
        return None
    if isinstance(document.get("title"), str):
        return cast(Problem, document)
    # The token endpoint speaks OAuth 2.0 (RFC 6749, section 5.2).
    error, detail = document.get("error"), document.get("error_description")
    if isinstance(error, str) and isinstance(detail, str):
        return {"type": "about:blank", "title": error, "status": status, "detail": detail}
    return None


def _blank_problem(status: int, reason: str, text: str) -> Problem:
    """A proxy answers in its own way: the beginning of what it said helps to find it."""
    # It may repeat the request, with the secret in it.
    safe = re.sub("(bearer |basic |ihf_live_)[^ \t\r\n\"'<]+", "\\1…", text, flags=re.IGNORECASE)
    said = " ".join(safe.split())[:200]
    return {
        "type": "about:blank",
        "title": reason or "HTTP error",
        "status": status,
        "detail": f"The answer is not one of the hub's: {said}" if said else "The answer is empty.",
    }


def _retry_after(header: str | None) -> float | None:
    """The seconds of a Retry-After header, which says them or a date (RFC 9110, section 10.2.3)."""
    if header is None:
        return None
    if header.isascii() and header.isdigit():
        return float(header)
    try:
        date = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max((date - datetime.now(timezone.utc)).total_seconds(), 0.0) if date.tzinfo else None


# endregion
