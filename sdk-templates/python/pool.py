# Only the text between the two region lines becomes part of the rendered client; its imports are in the template.
from __future__ import annotations

import select
import sys
import time
from collections import deque
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection, IncompleteRead
from socket import socket
from urllib.parse import urlsplit

from forks import _reset_after_fork
from http_messages import Request, Response
from network import _Network, _proxy_of, _tls_context


# region rendered
class _Pool:
    """A connection pool that threads can share: each connection serves one request at a time, and the operations of a
    deque are atomic.

    http.client connects and reads responses. Requests are written here, header and body in one write, because
    http.client uses two, which costs the server an extra wake-up."""

    def __init__(self, base_url: str, network: _Network) -> None:
        parts = urlsplit(base_url)
        self._host = parts.hostname or ""
        self._port = parts.port
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._own_headers = {"host": _host_header(parts.netloc), "accept-encoding": "identity"}
        self._tls = _tls_context(base_url, network)
        self._proxy = _proxy_of(network.proxy)
        # An http request names its server in the request line if it is sent through a proxy (RFC 9112, section 3.2.2).
        self._target_start = len(self._origin)
        if self._proxy is not None and self._tls is None:
            self._target_start = 0
            self._own_headers |= self._proxy.headers
        self._idle: deque[socket] = deque()
        self._closed = False
        _reset_after_fork(self._reset)

    def _reset(self) -> None:
        # Closes only the copies of this process; the connections of the parent process stay open.
        while (sock := self._pop()) is not None:
            sock.close()

    def __call__(self, request: Request, timeout: float) -> Response:
        # Sockets do not support longer timeouts.
        deadline = time.monotonic() + min(timeout, 2_000_000.0)
        sock = self._acquire(deadline)
        reusable = False
        try:
            complete = _write(sock, self._bytes_of(request))
            with HTTPResponse(sock, method=request.method) as response:
                response.begin()
                body = _body(sock, response, deadline)
            reusable = complete and not response.will_close
            headers = {name.lower(): value for name, value in response.headers.items()}
            return Response(response.status, response.reason, headers, body)
        finally:
            if reusable and not self._closed:
                self._idle.append(sock)
            else:
                sock.close()

    def _bytes_of(self, request: Request) -> bytes:
        method, url, given, body = request
        content = body or b""
        headers = self._own_headers | given
        if content or method != "GET":
            headers["content-length"] = str(len(content))
        lines = [f"{name}: {value}\r\n" for name, value in headers.items()]
        return f"{method} {url[self._target_start :]} HTTP/1.1\r\n{''.join(lines)}\r\n".encode("ascii") + content

    def _acquire(self, deadline: float) -> socket:
        while (sock := self._pop()) is not None:
            if _is_reusable(sock):
                sock.settimeout(_time_left(deadline))
                return sock
            sock.close()
        return self._connect(_time_left(deadline))

    def _connect(self, timeout: float) -> socket:
        host, port, proxy_headers = self._proxy or (self._host, self._port, None)
        if self._tls is None:
            connection = HTTPConnection(host, port, timeout=timeout)
        else:
            connection = HTTPSConnection(host, port, timeout=timeout, context=self._tls)
            if proxy_headers is not None:
                connection.set_tunnel(self._host, self._port, proxy_headers)
        connection.connect()
        sock: socket = connection.sock
        return sock

    def _pop(self) -> socket | None:
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def close(self) -> None:
        self._closed = True
        self._reset()


def _host_header(netloc: str) -> str:
    """The Host header as http.client writes it: a name that is not ASCII is encoded for DNS."""
    return netloc if netloc.isascii() else netloc.encode("idna").decode("ascii")


def _write(sock: socket, request: bytes) -> bool:
    """Returns whether the whole request was written. The server may reject a large body early and respond."""
    try:
        sock.sendall(request)
    except (BrokenPipeError, ConnectionResetError):
        return False
    return True


def _body(sock: socket, response: HTTPResponse, deadline: float) -> bytes:
    """Reads the body. The deadline applies to the whole body, so that a slow server cannot block the caller forever."""
    parts = []
    # Bytes left to read; None if the body ends when the connection closes.
    while response.length != 0:
        sock.settimeout(_time_left(deadline))
        part = response.read1(65_536)
        if not part:
            break
        parts.append(part)
    body = b"".join(parts)
    if response.length:
        raise IncompleteRead(body, response.length)
    return body


def _time_left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("timed out")
    return left


def _is_reusable(sock: socket) -> bool:
    """Whether an idle connection can be used again. If it is readable, the server has closed it."""
    if sys.platform == "win32":
        return not select.select([sock], [], [], 0)[0]
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return not poll.poll(0)


# endregion
