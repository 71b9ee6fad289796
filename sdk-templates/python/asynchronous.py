# Only the text between the two region lines becomes part of the rendered client; its imports are in the template.
from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Literal

from async_runtime import _MAX_CONNECTIONS, _running_loop, _Runtime, _TrioRuntime
from base import _BaseClient, _Client, _copy, _with_authorization, _result
from credentials import _Credentials
from errors import IhfConnectionError, IhfError, IhfTimeoutError
from forks import _reset_after_fork
from httpx_transport import _HttpxTransport, _import_httpx
from http_messages import Request, Response, _Call, _check_headers
from network import _Network, _tls_context
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
        network: _Network,
        transport: AsyncTransport | None,
    ) -> None:
        super().__init__(base_url, headers, credentials, retry_options, hooks, on_newer_contract)
        self._transport = transport
        self._network = network
        if transport is None:
            # Fails here instead of at the first call.
            _import_httpx()
            self._tls = _tls_context(self._base_url, network)
        self._reset()
        _reset_after_fork(self._reset)

    def _reset(self) -> None:
        self._lock = threading.Lock()
        self._runtimes: weakref.WeakKeyDictionary[Any, _Runtime | _TrioRuntime] = weakref.WeakKeyDictionary()
        self._last: _Runtime | _TrioRuntime | None = None

    def _runtime(self) -> _Runtime | _TrioRuntime:
        """What belongs to the event loop of the caller. Connections cannot move to another one."""
        loop, kind = _running_loop()
        runtime = self._last
        if runtime is not None and runtime.loop() is loop:
            return runtime
        with self._lock:
            runtime = self._runtimes.get(loop)
            if runtime is None:
                for closed in [old for old in self._runtimes if getattr(old, "is_closed", bool)()]:
                    del self._runtimes[closed]
                own = self._transport is None
                transport = _HttpxTransport(self._tls, self._network.proxy) if own else self._transport
                runtime = kind(weakref.ref(loop), transport, _MAX_CONNECTIONS if own else None)
                self._runtimes[loop] = runtime
            self._last = runtime
        return runtime

    async def _call(self, call: _Call, timeout: float | None, options: CallOptions | None) -> Any:
        given: CallOptions = options or {}
        request = self._prepare(call, given)
        state = _RetryState(self._retry_options_of(timeout, given), call.repeatable)
        authenticated = not call.public and "authorization" not in request.headers
        hooks = self._hooks_of(given)
        try:
            response = await self._send_with_retries(request, state, hooks, authenticated)
            return _result(response, request, call.text)
        except IhfError as error:
            if hooks.on_error is not None:
                await _await_hook(hooks.on_error(error, request))
            raise

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
                response = await self._send_once(_with_authorization(sent, authorization), state)
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
                error = _api_error(response, sent)
            delay = state.delay_after(error)
            if delay is None:
                raise error
            self._log_retry(request, delay, error)
            if hooks.on_retry is not None:
                await _await_hook(hooks.on_retry(error, state.retries, delay, sent))
            await self._runtime().sleep(delay)

    async def _send_once(self, request: Request, state: _RetryState) -> Response:
        runtime = self._runtime()
        wait = state.time_left()
        if not await runtime.acquire(wait):
            raise self._timeout_error(request, wait)
        # The clock of the attempt starts here, because waiting for a connection says nothing about the server.
        timeout = state.timeout()
        started = time.monotonic()
        try:
            response: Response = await runtime.within(timeout, runtime.transport(request, timeout))
        except TimeoutError as error:
            raise self._timeout_error(request, timeout) from error
        except Exception as error:
            raise self._connection_error(request, error) from error
        finally:
            runtime.release()
        self._log_response(request, response, started)
        return response

    async def _authorization(self, state: _RetryState) -> str | None:
        """The Authorization header, or None without credentials."""
        if not self._credentials.fetches:
            return self._credentials.header
        token = self._credentials.current()
        return token if token is not None else await self._runtime().fetch_once(self._fetch_token, state.timeout())

    async def _fetch_token(self) -> str:
        requested_at = time.monotonic()
        # Without the hooks, because request and response contain secrets.
        state = _RetryState(self._retry_options, True)
        request = self._token_request()
        response = await self._send_with_retries(request, state, _Hooks(), False)
        return self._credentials.store(_result(response, request, False), requested_at)

    async def aclose(self) -> None:
        """Closes the connections of this event loop. Later calls raise `IhfError`."""
        self._closed = True
        with self._lock:
            runtime = self._runtimes.pop(_running_loop()[0], None)
            self._last = None
        if runtime is not None and self._transport is None:
            await runtime.transport.aclose()

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
