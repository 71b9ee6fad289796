# Only what stands between the two region lines is put into the rendered client, whose imports are the template's.
from __future__ import annotations

import importlib
import math
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Literal

from base import _BaseClient, _Client, _copy, _proven, _result
from credentials import _Credentials
from errors import IhfConnectionError, IhfError, IhfTimeoutError
from httpx_transport import _HttpxTransport
from messages import Request, Response, _Call, _check_headers
from options import AsyncTransport, CallOptions, _Hooks
from problems import _api_error
from retry import _Limits, _Tries
from revision_watch import NewerContractHook


# region rendered
class _AsyncClient(_BaseClient):
    """What `AsyncIhfClient` does; `_SyncClient` does the same without awaiting."""

    def __init__(
        self,
        base_url: str,
        headers: Mapping[str, str] | None,
        credentials: _Credentials,
        limits: _Limits,
        hooks: _Hooks,
        on_newer_contract: NewerContractHook | Literal[False] | None,
        transport: AsyncTransport | None,
    ) -> None:
        super().__init__(base_url, headers, credentials, limits, hooks, on_newer_contract)
        # Imported here and not above: the other client shall start without it.
        self._asyncio: Any = importlib.import_module("asyncio")
        self._httpx = _HttpxTransport(self._base_url.startswith("https:")) if transport is None else None
        self._transport: Any = transport or self._httpx
        self._fetching: Any = None

    async def _call(self, call: _Call, timeout: float | None, options: CallOptions | None) -> Any:
        given: CallOptions = options or {}
        request = self._prepare(call, given)
        tries = _Tries(self._limits_of(timeout, given), call.repeatable)
        identified = not call.open and "authorization" not in request.headers
        return _result(await self._deliver(request, tries, self._hooks_of(given), identified), call.text)

    async def _deliver(self, request: Request, tries: _Tries, hooks: _Hooks, identified: bool) -> Response:
        """Sends the request as often as it takes and may be, and answers with what the hub said in the end."""
        replaced = False
        while True:
            authorization = await self._authorization(tries) if identified else None
            sent = request
            if hooks.on_request:
                sent = _copy(request)
                for on_request in hooks.on_request:
                    await _finished(on_request(sent))
                _check_headers(sent.headers)
            try:
                response = await self._exchange(_proven(sent, authorization), tries.timeout())
            except (IhfConnectionError, IhfTimeoutError) as broken:
                failure: IhfError = broken
            else:
                self._revision_watch.see(response.headers)
                for on_response in hooks.on_response:
                    await _finished(on_response(response, sent))
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
            await self._asyncio.sleep(delay)

    async def _exchange(self, request: Request, timeout: float) -> Response:
        try:
            response: Response = await self._within(timeout, self._transport(request, timeout))
            return response
        except TimeoutError as error:
            raise self._too_late(request, timeout) from error
        except Exception as error:
            raise self._broken(request, error) from error

    async def _within(self, timeout: float, work: Any) -> Any:
        """What comes of the work. It ends with the caller, or with the time. `wait_for` would do, but before Python 3.12
        it forgets that its caller was cancelled when the work ends at the same moment."""
        task = self._asyncio.ensure_future(work)
        try:
            if await self._ends(task, timeout):
                return task.result()
        finally:
            task.cancel()
        raise TimeoutError("timed out")

    async def _ends(self, task: Any, timeout: float) -> bool:
        done, _ = await self._asyncio.wait({task}, timeout=None if timeout == math.inf else timeout)
        return bool(done)

    async def _authorization(self, tries: _Tries) -> str | None:
        """What proves who calls."""
        if not self._credentials.fetches:
            return self._credentials.own
        held = self._credentials.held()
        if held is not None:
            return held
        if self._fetching is None:
            self._fetching = self._asyncio.ensure_future(self._fetch_token())
            # If all who waited have given up, nobody asks how it ended.
            self._fetching.add_done_callback(lambda task: task.cancelled() or task.exception())
        fetching, timeout = self._fetching, tries.timeout()
        # The caller that gives up does not end it for the others.
        if not await self._ends(fetching, timeout):
            raise IhfTimeoutError(f"the access token took longer than {timeout:g} s")
        return str(fetching.result())

    async def _fetch_token(self) -> str:
        asked = time.monotonic()
        try:
            # Without the hooks: what is asked and what is answered are secret.
            response = await self._deliver(self._token_request(), _Tries(self._limits, True), _Hooks(), False)
            return self._credentials.hold(_result(response, False), asked)
        finally:
            self._fetching = None

    async def aclose(self) -> None:
        """Closes the connections; later calls are refused."""
        self._closed = True
        if self._httpx is not None:
            await self._httpx.aclose()

    async def __aenter__(self: _Client) -> _Client:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


async def _finished(hook: Any) -> None:
    if hook is not None:
        await hook


# endregion
