# Only what stands between the two region lines is put into the rendered client, whose imports are the template's.
from __future__ import annotations

import selectors
import ssl
from collections import deque
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from types import TracebackType
from typing import Any

from base import _BaseClient, _Client
from messages import _Answer, _Call, _Request, _result


# region rendered
class _SyncClient(_BaseClient):
    """Keeps connections open between calls. Each serves one call at a time, and a deque gives and takes atomically: so
    threads may share a client."""

    def __init__(self, base_url: str, headers: Mapping[str, str] | None, timeout: float) -> None:
        super().__init__(base_url, headers, timeout)
        self._tls = ssl.create_default_context() if self._secure else None
        self._idle: deque[HTTPConnection] = deque()

    def _call(self, call: _Call, timeout: float | None) -> Any:
        return _result(call, self._send(self._prepare(call), self._timeout if timeout is None else timeout))

    def _send(self, request: _Request, timeout: float) -> _Answer:
        connection = self._take(timeout)
        reusable = False
        try:
            whole = _write(connection, request)
            response = connection.getresponse()
            body = response.read()
            reusable = whole and not response.will_close
            headers = {name.lower(): value for name, value in response.getheaders()}
            return _Answer(response.status, response.reason, headers, body)
        except TimeoutError as error:
            raise self._too_late(request, timeout) from error
        except (OSError, HTTPException) as error:
            raise self._broken(request, error) from error
        finally:
            if reusable and not self._closed:
                self._idle.append(connection)
            else:
                connection.close()

    def _take(self, timeout: float) -> HTTPConnection:
        while (connection := self._pop()) is not None:
            if _is_quiet(connection):
                connection.sock.settimeout(timeout)
                return connection
            connection.close()
        if self._tls is not None:
            return HTTPSConnection(self._host, self._port, timeout=timeout, context=self._tls)
        return HTTPConnection(self._host, self._port, timeout=timeout)

    def _pop(self) -> HTTPConnection | None:
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def close(self) -> None:
        """Closes the connections. A call that is under way still gets its answer; later ones are refused."""
        self._closed = True
        while (connection := self._pop()) is not None:
            connection.close()

    def __enter__(self: _Client) -> _Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _write(connection: HTTPConnection, request: _Request) -> bool:
    """Whether the hub took the whole request. It may refuse a large body before its end; its answer can be read."""
    try:
        connection.request(request.method, request.target, request.body, request.headers)
    except (BrokenPipeError, ConnectionResetError):
        return False
    return True


def _is_quiet(connection: HTTPConnection) -> bool:
    """Whether an idle connection may be used again: if there is something to read, it is the hub's goodbye."""
    with selectors.DefaultSelector() as selector:
        selector.register(connection.sock, selectors.EVENT_READ)
        return not selector.select(0)


# endregion
