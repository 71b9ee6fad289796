# Only the text between the two region lines becomes part of the rendered client; its imports are in the template.
from __future__ import annotations

import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Literal, cast

from base import _BaseClient, _Client, _copy, _with_authorization, _result
from credentials import _Credentials
from errors import IhfConnectionError, IhfError, IhfTimeoutError
from http_messages import Request, Response, _Call, _check_headers
from network import _Network
from options import CallOptions, Transport, _Hooks
from pool import _Pool
from problems import _api_error
from retry import _RetryOptions, _RetryState
from revision_watch import NewerContractHook
from tokens import _Tokens


# region rendered
class _SyncClient(_BaseClient):
    """Base class of `IhfClient`. `_AsyncClient` is its asynchronous twin."""

    def __init__(
        self,
        base_url: str,
        headers: Mapping[str, str] | None,
        credentials: _Credentials,
        retry_options: _RetryOptions,
        hooks: _Hooks,
        on_newer_contract: NewerContractHook | Literal[False] | None,
        network: _Network,
        transport: Transport | None,
    ) -> None:
        super().__init__(base_url, headers, credentials, retry_options, hooks, on_newer_contract)
        self._pool = _Pool(self._base_url, network) if transport is None else None
        self._transport: Transport = transport or cast(_Pool, self._pool)
        self._tokens = _Tokens(credentials, self._fetch_token)

    def _call(self, call: _Call, timeout: float | None, options: CallOptions | None) -> Any:
        given: CallOptions = options or {}
        request = self._prepare(call, given)
        state = _RetryState(self._retry_options_of(timeout, given), call.repeatable)
        authenticated = not call.public and "authorization" not in request.headers
        hooks = self._hooks_of(given)
        try:
            response = self._send_with_retries(request, state, hooks, authenticated)
            return _result(response, request, call.text)
        except IhfError as error:
            if hooks.on_error is not None:
                hooks.on_error(error, request)
            raise

    def _send_with_retries(
        self, request: Request, state: _RetryState, hooks: _Hooks, authenticated: bool
    ) -> Response:
        """Sends the request, with retries. Returns the successful response or raises the last error."""
        retried = False
        while True:
            authorization = self._authorization(state) if authenticated else None
            sent = request
            if hooks.on_request:
                sent = _copy(request)
                for on_request in hooks.on_request:
                    on_request(sent)
                _check_headers(sent.headers)
            try:
                response = self._send_once(_with_authorization(sent, authorization), state.timeout())
            except (IhfConnectionError, IhfTimeoutError) as connection_error:
                error: IhfError = connection_error
            else:
                self._revision_watch.see(response.headers)
                for on_response in hooks.on_response:
                    on_response(response, sent)
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
                hooks.on_retry(error, state.retries, delay, sent)
            time.sleep(delay)

    def _send_once(self, request: Request, timeout: float) -> Response:
        started = time.monotonic()
        try:
            response = self._transport(request, timeout)
        except TimeoutError as error:
            raise self._timeout_error(request, timeout) from error
        except Exception as error:
            raise self._connection_error(request, error) from error
        self._log_response(request, response, started)
        return response

    def _authorization(self, state: _RetryState) -> str | None:
        """The Authorization header, or None without credentials."""
        if self._credentials.fetches:
            return self._tokens.authorization(state.timeout())
        return self._credentials.header

    def _fetch_token(self) -> Any:
        # Without the hooks, because request and response contain secrets.
        state = _RetryState(self._retry_options, True)
        request = self._token_request()
        return _result(self._send_with_retries(request, state, _Hooks(), False), request, False)

    def close(self) -> None:
        """Closes all connections. Calls in progress complete; later calls raise `IhfError`."""
        self._closed = True
        if self._pool is not None:
            self._pool.close()

    def __enter__(self: _Client) -> _Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


# endregion
