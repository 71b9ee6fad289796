# Only the text between the two region lines becomes part of the rendered client; its imports are in the template.
from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple, TypeAlias, TypedDict

from errors import IhfError
from http_messages import Request, Response


# region rendered
RequestHook: TypeAlias = Callable[[Request], Any]
"""Called before each attempt; may change the headers, which do not include the credentials of the client. The
asynchronous client awaits the result if it is not None."""

ResponseHook: TypeAlias = Callable[[Response, Request], Any]
"""Called with each response, including error responses."""

RetryHook: TypeAlias = Callable[[IhfError, int, float, Request], Any]
"""Called before the delay of each retry, with the error of the failed attempt, the number of the retry (from 1), the delay
in seconds, and the request."""

ErrorHook: TypeAlias = Callable[[IhfError, Request], Any]
"""Called once when a call fails, with the error that it raises."""

Transport: TypeAlias = Callable[[Request, float], Response]
"""Sends a request and returns the response. The second argument is the timeout in seconds, after which it raises
TimeoutError."""

AsyncTransport: TypeAlias = Callable[[Request, float], Awaitable[Response]]
"""The asynchronous twin of `Transport`."""


class CallOptions(TypedDict, total=False):
    """Options of one call."""

    headers: Mapping[str, str]
    """Headers for this call; they override those of the client."""
    total_timeout: float
    """Timeout of this call with all attempts and the delays between them, in seconds. Default: that of the client."""
    max_retries: int
    """Maximum number of retries. Default: that of the client."""
    on_response: ResponseHook
    """Called with each response to this call, after the hook of the client. Use it to read response headers."""


class _Hooks(NamedTuple):
    on_request: tuple[RequestHook, ...] = ()
    on_response: tuple[ResponseHook, ...] = ()
    on_retry: RetryHook | None = None
    on_error: ErrorHook | None = None


def _hooks(
    on_request: RequestHook | None,
    on_response: ResponseHook | None,
    on_retry: RetryHook | None,
    on_error: ErrorHook | None,
) -> _Hooks:
    requests = () if on_request is None else (on_request,)
    responses = () if on_response is None else (on_response,)
    return _Hooks(requests, responses, on_retry, on_error)


# endregion
