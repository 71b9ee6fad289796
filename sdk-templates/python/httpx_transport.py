# Only the text between the two region lines becomes part of the rendered client; its imports are in the template.
from __future__ import annotations

import importlib
import ssl
from typing import Any

from http_messages import Request, Response


# region rendered
class _HttpxTransport:
    """Sends requests with httpx, which is imported here because the synchronous client must run without it."""

    def __init__(self, secure: bool) -> None:
        try:
            # Imported by name and therefore untyped: type checkers must accept this file without httpx.
            self._httpx: Any = importlib.import_module("httpx")
        except ImportError:
            raise ImportError("AsyncIhfClient needs httpx: pip install httpx") from None
        # Like the synchronous client: system certificates, and no proxies or passwords from the environment.
        tls = ssl.create_default_context() if secure else False
        self._http: Any = self._httpx.AsyncClient(verify=tls, trust_env=False)

    async def __call__(self, request: Request, timeout: float) -> Response:
        # No timeout here: those of httpx apply to parts of a request. The client enforces the timeout of the whole.
        method, url, headers, body = request
        response = await self._http.request(method, url, headers=headers, content=body, timeout=None)
        return Response(response.status_code, response.reason_phrase, dict(response.headers), response.content)

    async def aclose(self) -> None:
        await self._http.aclose()


# endregion
