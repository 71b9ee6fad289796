# Only the text between the two region lines becomes part of the rendered client; its imports are in the template.
from __future__ import annotations

import json
import re
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import cast

from contract import _API_ERRORS, Problem
from errors import IhfApiError
from http_messages import Request, Response


# region rendered
def _api_error(response: Response, request: Request) -> IhfApiError:
    status = response.status
    text = response.body.decode(errors="replace")
    problem = _problem(status, text) or _blank_problem(status, response.reason, text)
    by_status = _API_ERRORS.get(min(status, 500), IhfApiError)
    error_class = _API_ERRORS.get(str(problem.get("type")), by_status)
    headers = response.headers
    retry_after = _retry_after(headers.get("retry-after"))
    return error_class(status, problem, headers.get("x-request-id"), retry_after, request.method, request.url)


def _problem(status: int, text: str) -> Problem | None:
    try:
        document = json.loads(text)
    except ValueError:
        return None
    if not isinstance(document, dict):
        return None
    if isinstance(document.get("title"), str):
        return cast(Problem, document)
    # OAuth 2.0 error of the token endpoint (RFC 6749, section 5.2).
    error, detail = document.get("error"), document.get("error_description")
    if isinstance(error, str) and isinstance(detail, str):
        return {"type": "about:blank", "title": error, "status": status, "detail": detail}
    return None


def _blank_problem(status: int, reason: str, text: str) -> Problem:
    """A substitute for the response of a proxy, with the beginning of the body."""
    # The body may echo the request, including the secret.
    safe = re.sub("(bearer |basic |ihf_live_)[^ \t\r\n\"'<]+", "\\1…", text, flags=re.IGNORECASE)
    start = " ".join(safe.split())[:200]
    return {
        "type": "about:blank",
        "title": reason or "HTTP error",
        "status": status,
        "detail": f"Unexpected response body: {start}" if start else "The response is empty.",
    }


def _retry_after(header: str | None) -> float | None:
    """Parses a Retry-After header, which holds seconds or a date (RFC 9110, section 10.2.3). Returns seconds."""
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
