# Only what stands between the two region lines is put into the rendered client, whose imports are the template's.
from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple, TypeAlias, TypedDict

from messages import Request, Response


# region rendered
RequestHook: TypeAlias = Callable[[Request], Any]
"""Called before every try; may change the headers. What proves who calls is not among them. The asynchronous client
awaits what it returns, if it returns something."""

ResponseHook: TypeAlias = Callable[[Response, Request], Any]
"""Called with every answer, also with one that becomes an error."""

Transport: TypeAlias = Callable[[Request, float], Response]
"""Sends a request and waits for its answer, for so many seconds at the most: then it raises TimeoutError."""

AsyncTransport: TypeAlias = Callable[[Request, float], Awaitable[Response]]


class CallOptions(TypedDict, total=False):
    """What every method takes besides its own arguments."""

    headers: Mapping[str, str]
    """Sent with this request; they go before the client's own."""
    total_timeout: float
    """How many seconds this call may take with all its tries and the waits between them."""
    max_retries: int
    """How often this call is tried again."""
    on_response: ResponseHook
    """Called with every answer to this call, after the client's own hook: the way to its headers."""


class _Hooks(NamedTuple):
    on_request: tuple[RequestHook, ...] = ()
    on_response: tuple[ResponseHook, ...] = ()


def _hooks(on_request: RequestHook | None, on_response: ResponseHook | None) -> _Hooks:
    return _Hooks(() if on_request is None else (on_request,), () if on_response is None else (on_response,))


# endregion
