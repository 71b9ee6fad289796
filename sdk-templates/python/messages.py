# Only what stands between the two region lines is put into the rendered client, whose imports are the template's.
from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timezone
from types import MappingProxyType
from typing import Any, Final, NamedTuple, final
from urllib.parse import quote, urlencode

from errors import _api_error


# region rendered
@final
class NotGiven:
    """The type of `NOT_GIVEN`: an optional argument that is left out, where None would be sent as null."""

    def __repr__(self) -> str:
        return "NOT_GIVEN"


NOT_GIVEN: Final = NotGiven()


class _Call(NamedTuple):
    """One use of an operation, as its method describes it."""

    method: str
    path: str
    query: Mapping[str, object] = MappingProxyType({})
    body: Mapping[str, object] | None = None
    idempotency_key: str | None = None
    text: bool = False


class _Request(NamedTuple):
    method: str
    target: str
    headers: dict[str, str]
    body: bytes | None


class _Answer(NamedTuple):
    status: int
    reason: str
    headers: Mapping[str, str]  # by name in lower case
    body: bytes


def _path(template: str, *values: str | int) -> str:
    """The path with each `{}` filled in."""
    for value in values:
        if value in ("", ".", ".."):
            # An address with one of these is another operation's address.
            raise ValueError(f"a path cannot hold {value!r}")
    return template.format(*(quote(str(value), safe="") for value in values))


def _timestamp(value: datetime) -> str:
    if value.utcoffset() is None:
        raise ValueError(f"{value!r} has no time zone: give it one, as in datetime.now(timezone.utc)")
    return value.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")


def _json_default(value: object) -> str:
    if isinstance(value, datetime):
        return _timestamp(value)
    raise TypeError(f"{value!r} cannot be sent as JSON")


def _query_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return _timestamp(value) if isinstance(value, datetime) else str(value)


def _request(call: _Call, prefix: str, headers: Mapping[str, str]) -> _Request:
    target = prefix + call.path
    query = [(name, _query_text(value)) for name, value in call.query.items() if value is not None]
    if query:
        target += "?" + urlencode(query, quote_via=quote, safe="")
    sent = dict(headers)
    if call.idempotency_key is not None:
        sent["idempotency-key"] = call.idempotency_key
    body = None
    if call.body is not None:
        given = {name: value for name, value in call.body.items() if value is not NOT_GIVEN}
        body = json.dumps(given, default=_json_default, allow_nan=False, separators=(",", ":")).encode()
        sent["content-type"] = "application/json"
    for name, value in sent.items():
        # One rule for both transports, whose own differ; a line break would smuggle in another header.
        text = f"{name}: {value}"
        if not (text.isascii() and text.isprintable()):
            raise ValueError(f"a header must be printable ASCII, not {text!r}")
    return _Request(call.method, target, sent, body)


def _result(call: _Call, answer: _Answer) -> Any:
    """What the answer holds, as it came: a key or a word that this file does not know stays where it is."""
    if 200 <= answer.status < 300:
        try:
            return answer.body.decode() if call.text else json.loads(answer.body)
        except ValueError:
            pass  # Something other than the hub answered, a sign-in page for example.
    raise _api_error(answer.status, answer.reason, answer.body, answer.headers.get("x-request-id"))


# endregion
