# Only what stands between the two region lines is put into the rendered client, whose imports are the template's.
from __future__ import annotations

import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Literal

from base import _BaseClient, _Client, _copy, _proven, _result
from credentials import _Credentials
from errors import IhfConnectionError, IhfError, IhfTimeoutError
from messages import Request, Response, _Call, _check_headers
from options import CallOptions, Transport, _Hooks
from pool import _Pool
from problems import _api_error
from retry import _Limits, _Tries
from revision_watch import NewerContractHook
from tokens import _Tokens


# region rendered
class _SyncClient(_BaseClient):
    """What `IhfClient` does; `_AsyncClient` does the same, and awaits."""

    def __init__(
        self,
        base_url: str,
        headers: Mapping[str, str] | None,
        credentials: _Credentials,
        limits: _Limits,
        hooks: _Hooks,
        on_newer_contract: NewerContractHook | Literal[False] | None,
        transport: Transport | None,
    ) -> None:
        super().__init__(base_url, headers, credentials, limits, hooks, on_newer_contract)
        self._pool = _Pool(self._base_url)
        self._transport: Transport = self._pool if transport is None else transport
        self._tokens = _Tokens(credentials, self._fetch_token)

    def _call(self, call: _Call, timeout: float | None, options: CallOptions | None) -> Any:
        given: CallOptions = options or {}
        request = self._prepare(call, given)
        tries = _Tries(self._limits_of(timeout, given), call.repeatable)
        identified = not call.open and "authorization" not in request.headers
        return _result(self._deliver(request, tries, self._hooks_of(given), identified), call.text)

    def _deliver(self, request: Request, tries: _Tries, hooks: _Hooks, identified: bool) -> Response:
        """Sends the request as often as it takes and may be, and answers with what the hub said in the end."""
        replaced = False
        while True:
            authorization = self._authorization(tries) if identified else None
            sent = request
            if hooks.on_request:
                sent = _copy(request)
                for on_request in hooks.on_request:
                    on_request(sent)
                _check_headers(sent.headers)
            try:
                response = self._exchange(_proven(sent, authorization), tries.timeout())
            except (IhfConnectionError, IhfTimeoutError) as broken:
                failure: IhfError = broken
            else:
                self._revision_watch.see(response.headers)
                for on_response in hooks.on_response:
                    on_response(response, sent)
                if 200 <= response.status < 300:
                    return response
                if response.status == 401 and not replaced and authorization:
                    replaced = self._credentials.replace(authorization)
                    if replaced:
                        continue
                failure = _api_error(response)
            delay = tries.delay_after(failure)
            if delay is None:
                raise failure
            time.sleep(delay)

    def _exchange(self, request: Request, timeout: float) -> Response:
        try:
            return self._transport(request, timeout)
        except TimeoutError as error:
            raise self._too_late(request, timeout) from error
        except Exception as error:
            raise self._broken(request, error) from error

    def _authorization(self, tries: _Tries) -> str | None:
        """What proves who calls."""
        return self._tokens.authorization(tries.timeout()) if self._credentials.fetches else self._credentials.own

    def _fetch_token(self) -> Any:
        # Without the hooks: what is asked and what is answered are secret.
        return _result(self._deliver(self._token_request(), _Tries(self._limits, True), _Hooks(), False), False)

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
