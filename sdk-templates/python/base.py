# Only what stands between the two region lines is put into the rendered client, whose imports are the template's.
from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any, Final, Literal, TypeVar
from urllib.parse import quote, urlsplit

from contract import _VERSION, CONTRACT_REVISION
from credentials import _Credentials
from errors import IhfConnectionError, IhfError, IhfTimeoutError
from messages import Request, Response, _Call, _headers, _request
from options import CallOptions, _Hooks
from problems import _api_error
from retry import _Limits
from revision_watch import NewerContractHook, _RevisionWatch


# region rendered
_Client = TypeVar("_Client", bound="_BaseClient")

_TOKEN_FORM: Final = b"grant_type=client_credentials"


class _BaseClient:
    """What both clients know: the address, the headers, who calls and how long to wait."""

    def __init__(
        self,
        base_url: str,
        headers: Mapping[str, str] | None,
        credentials: _Credentials,
        limits: _Limits,
        hooks: _Hooks,
        on_newer_contract: NewerContractHook | Literal[False] | None,
    ) -> None:
        self._base_url = _address(base_url)
        self._credentials = credentials
        self._limits = limits
        self._hooks = hooks
        self._revision_watch = _RevisionWatch(on_newer_contract)
        self._closed = False
        self._headers = _own_headers() | _headers(headers)

    def _prepare(self, call: _Call, options: CallOptions) -> Request:
        if self._closed:
            raise IhfError("The client is closed")
        return _request(call, self._base_url, self._headers, options.get("headers"))

    def _hooks_of(self, options: CallOptions) -> _Hooks:
        on_response = options.get("on_response")
        own = self._hooks
        return own if on_response is None else own._replace(on_response=(*own.on_response, on_response))

    def _limits_of(self, timeout: float | None, options: CallOptions) -> _Limits:
        if timeout is None and not options:
            return self._limits
        return _Limits(
            self._limits.timeout if timeout is None else timeout,
            options.get("total_timeout", self._limits.total_timeout),
            options.get("max_retries", self._limits.max_retries),
        )

    def _token_request(self) -> Request:
        own = {"authorization": self._credentials.own or "", "content-type": "application/x-www-form-urlencoded"}
        return Request("POST", f"{self._base_url}/api/v2/token", self._headers | own, _TOKEN_FORM)

    def _too_late(self, request: Request, timeout: float) -> IhfTimeoutError:
        return IhfTimeoutError(f"{request.method} {request.url} took longer than {timeout:g} s")

    def _broken(self, request: Request, cause: Exception) -> IhfConnectionError:
        reason = str(cause) or type(cause).__name__
        return IhfConnectionError(f"{request.method} {request.url} failed: {reason}")


def _own_headers() -> dict[str, str]:
    python = ".".join(str(part) for part in sys.version_info[:2])
    return {
        "ihf-sdk": f"python; revision={CONTRACT_REVISION}",
        "user-agent": f"ihf-client/{_VERSION} python/{python}",
    }


def _copy(request: Request) -> Request:
    """The request with headers of its own, which a hook may change for this try."""
    method, url, headers, body = request
    return Request(method, url, {**headers}, body)


def _proven(request: Request, authorization: str | None) -> Request:
    """The request with what proves who calls. The hooks do not see it: they are where things are logged."""
    method, url, headers, body = request
    proof = {} if authorization is None else {"authorization": authorization}
    return Request(method, url, headers | proof, body)


def _address(base_url: str) -> str:
    """The address of a hub without the slash at its end."""
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("base_url must be an http or https address")
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError("base_url must have no user name, query or fragment; give credentials as arguments")
    return f"{parts.scheme}://{parts.netloc}" + quote(parts.path.rstrip("/"), safe="/%!$&'()*+,;=:@~")


def _result(response: Response, text: bool) -> Any:
    """What the answer holds, as it came: a key or a word that this file does not know stays where it is."""
    try:
        content = response.body.decode()
        return content if text else json.loads(content)
    except ValueError:
        # Something other than the hub answered, a sign-in page for example.
        raise _api_error(response) from None


# endregion
