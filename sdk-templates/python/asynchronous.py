# Only the text between the two region lines becomes part of the rendered client; its imports are in the template.
from __future__ import annotations

import importlib
import math
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Literal

from base import _BaseClient, _Client, _copy, _with_authorization, _result
from credentials import _Credentials
from errors import IhfConnectionError, IhfError, IhfTimeoutError
from httpx_transport import _HttpxTransport
from http_messages import Request, Response, _Call, _check_headers
from options import AsyncTransport, CallOptions, _Hooks
from problems import _api_error
from retry import _RetryOptions, _RetryState
from revision_watch import NewerContractHook


# region rendered
class _AsyncClient(_BaseClient):
    """Base class of `AsyncIhfClient`. `_SyncClient` is its synchronous twin."""

    def __init__(
        self,
        base_url: str,
        headers: Mapping[str, str] | None,
        credentials: _Credentials,
        retry_options: _RetryOptions,
        hooks: _Hooks,
        on_newer_contract: NewerContractHook | Literal[False] | None,
        transport: AsyncTransport | None,
    ) -> None:
        super().__init__(base_url, headers, credentials, retry_options, hooks, on_newer_contract)
        # Imported here, so that the synchronous client starts faster.
        self._asyncio: Any = importlib.import_module("asyncio")
        self._httpx = _HttpxTransport(self._base_url.startswith("https:")) if transport is None else None
        self._transport: Any = transport or self._httpx
        self._fetching: Any = None

    async def _call(self, call: _Call, timeout: float | None, options: CallOptions | None) -> Any:
        given: CallOptions = options or {}
        request = self._prepare(call, given)
        state = _RetryState(self._retry_options_of(timeout, given), call.repeatable)
        authenticated = not call.public and "authorization" not in request.headers
        response = await self._send_with_retries(request, state, self._hooks_of(given), authenticated)
        return _result(response, call.text)

    async def _send_with_retries(
        self, request: Request, state: _RetryState, hooks: _Hooks, authenticated: bool
    ) -> Response:
        """Sends the request, with retries. Returns the successful response or raises the last error."""
        retried = False
        while True:
            authorization = await self._authorization(state) if authenticated else None
            sent = request
            if hooks.on_request:
                sent = _copy(request)
                for on_request in hooks.on_request:
                    await _await_hook(on_request(sent))
                _check_headers(sent.headers)
            try:
                response = await self._send_once(_with_authorization(sent, authorization), state.timeout())
            except (IhfConnectionError, IhfTimeoutError) as connection_error:
                error: IhfError = connection_error
            else:
                self._revision_watch.see(response.headers)
                for on_response in hooks.on_response:
                    await _await_hook(on_response(response, sent))
                if 200 <= response.status < 300:
                    return response
                if response.status == 401 and not retried and authorization:
                    retried = self._credentials.discard(authorization)
                    if retried:
                        continue
                error = _api_error(response)
            delay = state.delay_after(error)
            if delay is None:
                raise error
            await self._asyncio.sleep(delay)

    async def _send_once(self, request: Request, timeout: float) -> Response:
        try:
            response: Response = await self._within(timeout, self._transport(request, timeout))
            return response
        except TimeoutError as error:
            raise self._timeout_error(request, timeout) from error
        except Exception as error:
            raise self._connection_error(request, error) from error

    async def _within(self, timeout: float, work: Any) -> Any:
        """Awaits the work with a timeout, and cancels it with the caller. Replaces `wait_for`, which before Python 3.12
        loses a cancellation that arrives when the work completes."""
        task = self._asyncio.ensure_future(work)
        try:
            if await self._completes(task, timeout):
                return task.result()
        finally:
            task.cancel()
        raise TimeoutError("timed out")

    async def _completes(self, task: Any, timeout: float) -> bool:
        done, _ = await self._asyncio.wait({task}, timeout=None if timeout == math.inf else timeout)
        return bool(done)

    async def _authorization(self, state: _RetryState) -> str | None:
        """The Authorization header, or None without credentials."""
        if not self._credentials.fetches:
            return self._credentials.header
        token = self._credentials.current()
        if token is not None:
            return token
        if self._fetching is None:
            self._fetching = self._asyncio.ensure_future(self._fetch_token())
            # Retrieves the exception, because asyncio logs one that is never retrieved if all callers have given up.
            self._fetching.add_done_callback(lambda task: task.cancelled() or task.exception())
        fetching, timeout = self._fetching, state.timeout()
        # Other calls may wait for the same token, so the timeout of this call must not cancel the token request.
        if not await self._completes(fetching, timeout):
            raise IhfTimeoutError(f"token request timed out after {timeout:g} s")
        return str(fetching.result())

    async def _fetch_token(self) -> str:
        requested_at = time.monotonic()
        try:
            # Without the hooks, because request and response contain secrets.
            state = _RetryState(self._retry_options, True)
            response = await self._send_with_retries(self._token_request(), state, _Hooks(), False)
            return self._credentials.store(_result(response, False), requested_at)
        finally:
            self._fetching = None

    async def aclose(self) -> None:
        """Closes all connections. Later calls raise `IhfError`."""
        self._closed = True
        if self._httpx is not None:
            await self._httpx.aclose()

    async def __aenter__(self: _Client) -> _Client:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


async def _await_hook(hook: Any) -> None:
    if hook is not None:
        await hook


# endregion
