# Only the text between the two region lines becomes part of the rendered client; its imports are in the template.
from __future__ import annotations

import importlib
import ssl
from typing import Any

from http_messages import Request, Response


# region rendered
def _import_httpx() -> Any:
    try:
        # Imported by name and therefore untyped: type checkers must accept this file without httpx.
        return importlib.import_module("httpx")
    except ImportError:
        raise ImportError("AsyncIhfClient needs httpx: pip install httpx") from None


class _HttpxTransport:
    """Sends requests with httpx, which is imported here because the synchronous client must run without it."""

    def __init__(self, tls: ssl.SSLContext | None, proxy: str | None) -> None:
        httpx = _import_httpx()
        # Like the synchronous client: no proxies or passwords from the environment. The client limits the connections.
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=20)
        verify = False if tls is None else tls
        self._http: Any = httpx.AsyncClient(verify=verify, trust_env=False, proxy=proxy, limits=limits)

    async def __call__(self, request: Request, timeout: float) -> Response:
        # No timeout here: those of httpx apply to parts of a request. The client enforces the timeout of the whole.
        method, url, headers, body = request
        response = await self._http.request(method, url, headers=headers, content=body, timeout=None)
        return Response(response.status_code, response.reason_phrase, dict(response.headers), response.content)

    async def aclose(self) -> None:
        await self._http.aclose()


# endregion
