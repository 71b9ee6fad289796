# Only what stands between the two region lines is put into the rendered client, whose imports are the template's.
from __future__ import annotations

import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from base import _BaseClient, _Client, _result
from credentials import _Credentials
from errors import IhfError
from messages import Request, Response, _Call
from pool import _Pool
from problems import _api_error
from retry import _Limits, _Tries
from tokens import _Tokens


# region rendered
class _SyncClient(_BaseClient):
    """What `IhfClient` does; `_AsyncClient` does the same, and awaits."""

    def __init__(
        self, base_url: str, headers: Mapping[str, str] | None, credentials: _Credentials, limits: _Limits
    ) -> None:
        super().__init__(base_url, headers, credentials, limits)
        self._pool = _Pool(self._base_url)
        self._tokens = _Tokens(credentials, self._fetch_token)

    def _call(self, call: _Call, timeout: float | None) -> Any:
        request = self._prepare(call)
        limits = self._limits if timeout is None else self._limits._replace(timeout=timeout)
        return _result(self._deliver(request, _Tries(limits, call.repeatable), not call.open), call.text)

    def _deliver(self, request: Request, tries: _Tries, identified: bool) -> Response:
        """Sends the request as often as it takes and may be, and answers with what the hub said in the end."""
        replaced = False
        while True:
            authorization = self._authorization(request, tries) if identified else None
            try:
                response = self._exchange(self._identified(request, authorization), tries.timeout())
                if 200 <= response.status < 300:
                    return response
                if response.status == 401 and not replaced and authorization:
                    replaced = self._credentials.replace(authorization)
                    if replaced:
                        continue
                raise _api_error(response)
            except IhfError as failure:
                delay = tries.delay_after(failure)
                if delay is None:
                    raise
            time.sleep(delay)

    def _exchange(self, request: Request, timeout: float) -> Response:
        try:
            return self._pool(request, timeout)
        except TimeoutError as error:
            raise self._too_late(request, timeout) from error
        except Exception as error:
            raise self._broken(request, error) from error

    def _authorization(self, request: Request, tries: _Tries) -> str | None:
        """What the call proves who calls with, unless it has a header of its own for that."""
        if "authorization" in request.headers:
            return None
        return self._tokens.authorization(tries.timeout()) if self._credentials.fetches else self._credentials.own

    def _fetch_token(self) -> Any:
        return _result(self._deliver(self._token_request(), _Tries(self._limits, True), False), False)

    def close(self) -> None:
        """Closes the connections. A call that is under way still gets its answer; later ones are refused."""
        self._closed = True
        self._pool.close()

    def __enter__(self: _Client) -> _Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


# endregion
