# Only what stands between the two region lines is put into the rendered client, whose imports are the template's.
from __future__ import annotations

import selectors
import ssl
import time
from collections import deque
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection, IncompleteRead
from socket import socket
from urllib.parse import urlsplit

from messages import Request, Response


# region rendered
class _Pool:
    """Sends requests over connections that it keeps open between them. Each serves one request at a time, and a deque
    gives and takes atomically: so threads may share it."""

    def __init__(self, base_url: str) -> None:
        parts = urlsplit(base_url)
        self._host = parts.hostname or ""
        self._port = parts.port
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._idle: deque[HTTPConnection] = deque()
        self._closed = False

    def __call__(self, request: Request, timeout: float) -> Response:
        # A socket can wait for no longer.
        deadline = time.monotonic() + min(timeout, 2_000_000.0)
        connection = self._take(deadline)
        reusable = False
        try:
            whole = _write(connection, request, request.url[len(self._origin) :])
            sock = connection.sock
            response = connection.getresponse()
            body = b"".join(iter(lambda: _part(sock, response, deadline), b""))
            if response.length:
                raise IncompleteRead(body, response.length)
            response.close()
            reusable = whole and not response.will_close
            headers = {name.lower(): value for name, value in response.getheaders()}
            return Response(response.status, response.reason, headers, body)
        finally:
            if reusable and not self._closed:
                self._idle.append(connection)
            else:
                connection.close()

    def _take(self, deadline: float) -> HTTPConnection:
        timeout = _left(deadline)
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
        self._closed = True
        while (connection := self._pop()) is not None:
            connection.close()


def _write(connection: HTTPConnection, request: Request, target: str) -> bool:
    """Whether the hub took the whole request. It may refuse a large body before its end; its answer can be read."""
    try:
        connection.request(request.method, target, request.body, request.headers)
    except (BrokenPipeError, ConnectionResetError):
        return False
    return True


def _part(sock: socket, response: HTTPResponse, deadline: float) -> bytes:
    """What has arrived of the body. A hub that sends a little now and then must not hold the caller for ever."""
    sock.settimeout(_left(deadline))
    return response.read1(65_536)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("timed out")
    return left


def _is_quiet(connection: HTTPConnection) -> bool:
    """Whether an idle connection may be used again: if there is something to read, it is the hub's goodbye."""
    with selectors.DefaultSelector() as selector:
        selector.register(connection.sock, selectors.EVENT_READ)
        return not selector.select(0)


# endregion
