# Only what stands between the two region lines is put into the rendered client, whose imports are the template's.
from __future__ import annotations

import importlib
import ssl
from typing import Any

from messages import Request, Response


# region rendered
class _HttpxTransport:
    """Sends requests with httpx, which is imported here and not above: the other client must run without it."""

    def __init__(self, secure: bool) -> None:
        try:
            # By name and thus untyped: type checkers must accept this file where httpx is not installed.
            self._httpx: Any = importlib.import_module("httpx")
        except ImportError:
            raise ImportError("AsyncIhfClient needs httpx: pip install httpx") from None
        # Like the synchronous client: the system's certificates, and no proxies or passwords from the environment.
        tls = ssl.create_default_context() if secure else False
        self._http: Any = self._httpx.AsyncClient(verify=tls, trust_env=False)

    async def __call__(self, request: Request, timeout: float) -> Response:
        # Its own timeouts are for parts of a request; the client ends what takes longer as a whole.
        method, url, headers, body = request
        response = await self._http.request(method, url, headers=headers, content=body, timeout=None)
        return Response(response.status_code, response.reason_phrase, dict(response.headers), response.content)

    async def aclose(self) -> None:
        await self._http.aclose()


# endregion
