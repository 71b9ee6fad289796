# Only the text between the two region lines becomes part of the rendered client; its imports are in the template.
from __future__ import annotations

import json
import logging
import os
import sys
import time
from collections.abc import Mapping
from typing import Any, Final, Literal, TypeVar
from urllib.parse import quote, urlsplit

from contract import _VERSION, CONTRACT_REVISION
from credentials import _Credentials
from errors import IhfConnectionError, IhfError, IhfTimeoutError
from debug_log import _LOG
from http_messages import Request, Response, _Call, _headers, _request
from options import CallOptions, _Hooks
from problems import _api_error
from retry import _RetryOptions
from revision_watch import NewerContractHook, _RevisionWatch


# region rendered
_Client = TypeVar("_Client", bound="_BaseClient")

_TOKEN_FORM: Final = b"grant_type=client_credentials"


class _BaseClient:
    """Base class of both clients: base URL, headers, credentials, timeouts and hooks."""

    def __init__(
        self,
        base_url: str,
        headers: Mapping[str, str] | None,
        credentials: _Credentials,
        retry_options: _RetryOptions,
        hooks: _Hooks,
        on_newer_contract: NewerContractHook | Literal[False] | None,
    ) -> None:
        self._base_url = base_url
        self._credentials = credentials
        self._retry_options = retry_options
        self._hooks = hooks
        self._revision_watch = _RevisionWatch(on_newer_contract)
        self._closed = False
        self._headers = _sdk_headers() | _headers(headers)

    def _prepare(self, call: _Call, options: CallOptions) -> Request:
        if self._closed:
            raise IhfError("The client is closed")
        return _request(call, self._base_url, self._headers, options.get("headers"))

    def _hooks_of(self, options: CallOptions) -> _Hooks:
        on_response = options.get("on_response")
        hooks = self._hooks
        return hooks if on_response is None else hooks._replace(on_response=(*hooks.on_response, on_response))

    def _retry_options_of(self, timeout: float | None, options: CallOptions) -> _RetryOptions:
        if timeout is None and not options:
            return self._retry_options
        return _RetryOptions(
            self._retry_options.timeout if timeout is None else timeout,
            options.get("total_timeout", self._retry_options.total_timeout),
            options.get("max_retries", self._retry_options.max_retries),
        )

    def _token_request(self) -> Request:
        headers = {"authorization": self._credentials.header or "", "content-type": "application/x-www-form-urlencoded"}
        return Request("POST", f"{self._base_url}/api/v2/token", self._headers | headers, _TOKEN_FORM)

    def _log_response(self, request: Request, response: Response, started: float) -> None:
        if _LOG.isEnabledFor(logging.DEBUG):
            milliseconds = (time.monotonic() - started) * 1000
            request_id = response.headers.get("x-request-id", "-")
            _LOG.debug("%s %s: %d in %.0f ms, request id %s", *request[:2], response.status, milliseconds, request_id)

    def _log_retry(self, request: Request, delay: float, error: IhfError) -> None:
        _LOG.debug("%s %s: retry in %.2f s after: %s", request.method, request.url, delay, error)

    def _timeout_error(self, request: Request, timeout: float) -> IhfTimeoutError:
        return IhfTimeoutError(
            f"{request.method} {request.url} timed out after {timeout:g} s", request.method, request.url
        )

    def _connection_error(self, request: Request, cause: Exception) -> IhfConnectionError:
        reason = str(cause) or type(cause).__name__
        return IhfConnectionError(
            f"{request.method} {request.url} failed: {reason}", request.method, request.url
        )


def _base_url_of(given: str | None) -> str:
    """The URL that was given, or that of the environment, validated and without trailing slashes."""
    if given is not None:
        return _normalize_base_url(given)
    # CI systems set a missing variable to an empty string.
    return _normalize_base_url(os.environ.get("IHF_BASE_URL") or "http://127.0.0.1:3000")


def _sdk_headers() -> dict[str, str]:
    python = ".".join(str(part) for part in sys.version_info[:2])
    return {
        "ihf-sdk": f"python; revision={CONTRACT_REVISION}",
        "user-agent": f"ihf-client/{_VERSION} python/{python}",
    }


def _copy(request: Request) -> Request:
    """A copy of the request, whose headers a hook may change for this attempt."""
    method, url, headers, body = request
    return Request(method, url, {**headers}, body)


def _with_authorization(request: Request, authorization: str | None) -> Request:
    """Adds the Authorization header. This happens after the hooks, because hooks are often used for logging."""
    method, url, headers, body = request
    extra = {} if authorization is None else {"authorization": authorization}
    return Request(method, url, headers | extra, body)


def _normalize_base_url(base_url: str) -> str:
    """Validates the base URL and removes trailing slashes."""
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"base_url must be an http or https URL, such as https://hub.example.com; it is {base_url!r}")
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError("base_url must not have a user name, query or fragment; pass credentials as arguments")
    return f"{parts.scheme}://{parts.netloc}" + quote(parts.path.rstrip("/"), safe="/%!$&'()*+,;=:@~")


def _result(response: Response, request: Request, text: bool) -> Any:
    """The parsed body. Unknown keys and values are preserved."""
    try:
        content = response.body.decode()
        return content if text else json.loads(content)
    except ValueError:
        # Not a response of the server; a sign-in page, for example.
        raise _api_error(response, request) from None


# endregion
