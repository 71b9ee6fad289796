# Only what stands between the two region lines is put into the rendered client, whose imports are the template's.
from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final, TypeVar
from urllib.parse import quote, urlsplit

from contract import CONTRACT_REVISION
from credentials import _Credentials
from errors import IhfConnectionError, IhfError, IhfTimeoutError
from messages import Request, Response, _Call, _request
from problems import _api_error
from retry import _Limits


# region rendered
_Client = TypeVar("_Client", bound="_BaseClient")

_TOKEN_FORM: Final = b"grant_type=client_credentials"


class _BaseClient:
    """What both clients know: the address, the headers, who calls and how long to wait."""

    def __init__(
        self, base_url: str, headers: Mapping[str, str] | None, credentials: _Credentials, limits: _Limits
    ) -> None:
        self._base_url = _address(base_url)
        self._credentials = credentials
        self._limits = limits
        self._closed = False
        own = {"ihf-sdk": f"python; revision={CONTRACT_REVISION}"}
        self._headers = own | {name.lower(): value for name, value in (headers or {}).items()}

    def _prepare(self, call: _Call) -> Request:
        if self._closed:
            raise IhfError("The client is closed")
        return _request(call, self._base_url, self._headers)

    def _identified(self, request: Request, authorization: str | None) -> Request:
        return request._replace(headers={**request.headers, "authorization": authorization}) if authorization else request

    def _token_request(self) -> Request:
        own = {"authorization": self._credentials.own or "", "content-type": "application/x-www-form-urlencoded"}
        return Request("POST", f"{self._base_url}/api/v2/token", self._headers | own, _TOKEN_FORM)

    def _too_late(self, request: Request, timeout: float) -> IhfTimeoutError:
        return IhfTimeoutError(f"{request.method} {request.url} took longer than {timeout:g} s")

    def _broken(self, request: Request, cause: Exception) -> IhfConnectionError:
        reason = str(cause) or type(cause).__name__
        return IhfConnectionError(f"{request.method} {request.url} failed: {reason}")


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
        return response.body.decode() if text else json.loads(response.body)
    except ValueError:
        # Something other than the hub answered, a sign-in page for example.
        raise _api_error(response) from None


# endregion
