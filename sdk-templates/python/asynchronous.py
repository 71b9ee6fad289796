# Only what stands between the two region lines is put into the rendered client, whose imports are the template's.
from __future__ import annotations

import importlib
import ssl
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from base import _BaseClient, _Client
from messages import _Answer, _Call, _Request, _result


# region rendered
class _AsyncClient(_BaseClient):
    """On httpx, which is imported here and not above: the other client must run without it."""

    def __init__(self, base_url: str, headers: Mapping[str, str] | None, timeout: float) -> None:
        super().__init__(base_url, headers, timeout)
        try:
            # By name and thus untyped: type checkers must accept this file where httpx is not installed.
            self._httpx: Any = importlib.import_module("httpx")
        except ImportError:
            raise ImportError("AsyncIhfClient needs httpx: pip install httpx") from None
        # Like the synchronous client: the system's certificates, and no proxies or passwords from the environment.
        self._http: Any = self._httpx.AsyncClient(verify=ssl.create_default_context(), trust_env=False)

    async def _call(self, call: _Call, timeout: float | None) -> Any:
        return _result(call, await self._send(self._prepare(call), self._timeout if timeout is None else timeout))

    async def _send(self, request: _Request, timeout: float) -> _Answer:
        try:
            response = await self._http.request(
                request.method,
                self._origin + request.target,
                content=request.body,
                headers=request.headers,
                timeout=timeout,
            )
        except self._httpx.TimeoutException as error:
            raise self._too_late(request, timeout) from error
        except self._httpx.RequestError as error:
            raise self._broken(request, error) from error
        return _Answer(response.status_code, response.reason_phrase, dict(response.headers), response.content)

    async def aclose(self) -> None:
        """Closes the connections; later calls are refused."""
        self._closed = True
        await self._http.aclose()

    async def __aenter__(self: _Client) -> _Client:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


# endregion
