# Only the text between the two region lines becomes part of the rendered client; its imports are in the template.
from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Final, NamedTuple, final
from urllib.parse import quote, urlencode
from uuid import uuid4


# region rendered
@final
class NotGiven:
    """The type of `NOT_GIVEN`, the default of optional arguments. None would be sent as null."""

    def __repr__(self) -> str:
        return "NOT_GIVEN"


NOT_GIVEN: Final = NotGiven()


class _Call(NamedTuple):
    """A call of an operation, as its method describes it."""

    method: str
    path: str
    query: Mapping[str, object] | None = None
    body: Mapping[str, object] | None = None
    idempotent: bool = False
    """Whether the operation accepts an idempotency key."""
    idempotency_key: str | None = None
    public: bool = False
    """Whether the operation needs no credential."""
    text: bool = False
    """Whether the response is text instead of JSON."""

    @property
    def repeatable(self) -> bool:
        """Whether the request may be sent more than once."""
        return self.method == "GET" or self.idempotent


class Request(NamedTuple):
    """A request, as passed to a transport."""

    method: str
    url: str
    headers: dict[str, str]
    """By lower-case name."""
    body: bytes | None


class Response(NamedTuple):
    """A response, as returned by a transport."""

    status: int
    reason: str
    headers: Mapping[str, str]
    """By lower-case name."""
    body: bytes


def _path(template: str, *values: str | int) -> str:
    """Replaces each `{}` of the path."""
    for value in values:
        if value in ("", ".", ".."):
            # URL normalization would remove such a segment, so the request would reach another operation.
            raise ValueError(f"a path parameter must not be {value!r}")
    return template.format(*(quote(str(value), safe="") for value in values))


def _timestamp(value: datetime) -> str:
    if value.utcoffset() is None:
        raise ValueError(f"{value!r} has no time zone: give it one, as in datetime.now(timezone.utc)")
    return value.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")


def _json_default(value: object) -> str:
    if isinstance(value, datetime):
        return _timestamp(value)
    raise TypeError(f"{value!r} cannot be sent as JSON")


_ENCODER: Final = json.JSONEncoder(default=_json_default, allow_nan=False, separators=(",", ":"))


def _query_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return _timestamp(value) if isinstance(value, datetime) else str(value)


def _lower_case(headers: Mapping[str, str] | None) -> dict[str, str]:
    return {name.lower(): value for name, value in (headers or {}).items()}


def _headers(given: Mapping[str, str] | None) -> dict[str, str]:
    """Headers of the application, with lower-case names."""
    headers = _lower_case(given)
    _check_headers(headers)
    return headers


def _check_headers(headers: Mapping[str, str]) -> None:
    for name, value in headers.items():
        # One rule for all transports, whose own rules differ. A line break would allow header injection.
        if not (name.isascii() and name.isprintable() and value.isascii() and value.isprintable()):
            raise ValueError(f"the header {name!r} must be printable ASCII")


def _request(call: _Call, base_url: str, headers: Mapping[str, str], extra: Mapping[str, str] | None) -> Request:
    url = base_url + call.path
    if call.query:
        query = [(name, _query_text(value)) for name, value in call.query.items() if value is not None]
        url += "?" + urlencode(query, quote_via=quote, safe="") if query else ""
    sent = {**headers}
    if call.idempotent:
        key = call.idempotency_key
        sent |= {"idempotency-key": str(uuid4())} if key is None else _headers({"idempotency-key": key})
    body = None
    if call.body is not None:
        fields = {name: value for name, value in call.body.items() if value is not NOT_GIVEN}
        body = _ENCODER.encode(fields).encode()
        sent["content-type"] = "application/json"
    if extra:
        sent |= _headers(extra)
    return Request(call.method, url, sent, body)


# endregion
