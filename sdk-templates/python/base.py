# Only what stands between the two region lines is put into the rendered client, whose imports are the template's.
from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import quote, urlsplit

from contract import CONTRACT_REVISION
from errors import IhfConnectionError, IhfError, IhfTimeoutError
from messages import _Call, _Request, _request


# region rendered
_Client = TypeVar("_Client", bound="_BaseClient")


class _BaseClient:
    """What both clients know: the address, the headers and how long to wait."""

    def __init__(self, base_url: str, headers: Mapping[str, str] | None, timeout: float) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"base_url must be an http or https address, not {base_url!r}")
        if parts.username is not None or parts.query or parts.fragment:
            raise ValueError("base_url must have no user name, query or fragment; send credentials in headers")
        self._secure = parts.scheme == "https"
        self._host = parts.hostname
        self._port = parts.port
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._prefix = quote(parts.path.rstrip("/"), safe="/%!$&'()*+,;=:@~")
        self._timeout = timeout
        self._closed = False
        own = {"ihf-sdk": f"python; revision={CONTRACT_REVISION}"}
        self._headers = own | {name.lower(): value for name, value in (headers or {}).items()}

    def _prepare(self, call: _Call) -> _Request:
        if self._closed:
            raise IhfError("The client is closed")
        return _request(call, self._prefix, self._headers)

    def _too_late(self, request: _Request, timeout: float) -> IhfTimeoutError:
        return IhfTimeoutError(f"{request.method} {self._origin}{request.target} waited longer than {timeout:g} s")

    def _broken(self, request: _Request, cause: Exception) -> IhfConnectionError:
        reason = str(cause) or type(cause).__name__
        return IhfConnectionError(f"{request.method} {self._origin}{request.target} failed: {reason}")


# endregion
